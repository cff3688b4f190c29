// SPDX-License-Identifier: GPL-2.0-only
#include "monitor.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "lib/emulator/fetch.hpp"
#include "lib/failure_report.hpp"
#include "lib/near_names.hpp"

namespace rmguest {
namespace {

constexpr std::size_t any_number = 4096;

// Words, and "text" as one; what follows # is a comment.
Result<Monitor::Words> split(std::string_view line) {
    Monitor::Words words;
    std::size_t at = 0;
    while (at < line.size() && line[at] != '#') {
        if (std::isspace(static_cast<unsigned char>(line[at])) != 0) {
            ++at;
            continue;
        }
        auto end = std::min(line.find_first_of(" \t\r\n", at), line.size());
        if (line[at] == '"') {
            end = line.find('"', at + 1);
            if (end == std::string_view::npos) {
                return Error{"a text has no end", "write it between two \" characters"};
            }
            ++end;
        }
        words.emplace_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

}  // namespace

const std::vector<Monitor::Command>& Monitor::commands() {
    static const std::vector<Command> table = {
        {"step", "s", "[N]", "one instruction, or N", &Monitor::step, 0, 1, true, true},
        {"next", "n", "[N]", "the same, but calls, interrupts, loops and repeats as a whole",
         &Monitor::next, 0, 1, true, true},
        {"continue", "c", "", "run until something stops the guest", &Monitor::go, 0, 0, true,
         false},
        {"until", "g", "ADDR", "run until ADDR is to be executed", &Monitor::until, 1, 1, true,
         false},
        {"break", "b", "ADDR", "stop before ADDR is executed", &Monitor::set_break, 1, 1, false,
         false},
        {"watch", "w", "ADDR [LENGTH]", "stop after memory was written", &Monitor::watch, 1, 2,
         false, false},
        {"awatch", "aw", "ADDR [LENGTH]", "stop after memory was read or written",
         &Monitor::watch_access, 1, 2, false, false},
        {"port", "bp", "PORT", "stop after an access to an I/O port", &Monitor::watch_port, 1, 1,
         false, false},
        {"delete", "del", "[NUMBER | PORT]", "a break- or watchpoint, a port, or all",
         &Monitor::remove, 0, 1, false, false},
        {"breaks", "bl", "", "list them", &Monitor::list_breaks, 0, 0, false, false},
        {"regs", "r", "", "registers", &Monitor::show_registers, 0, 0, false, false},
        {"set", "set", "REGISTER VALUE", "change a register", &Monitor::set_register, 2, 2, false,
         false},
        {"disasm", "u", "[ADDR [COUNT]]", "instructions", &Monitor::disassemble_some, 0, 2, false,
         true},
        {"dump", "d", "[ADDR [LENGTH]]", "memory", &Monitor::dump, 0, 2, false, true},
        {"search", "f", "ADDR LENGTH BYTE...", "find bytes, or \"text\", in memory",
         &Monitor::search, 3, any_number, false, false},
        {"edit", "e", "ADDR BYTE...", "write bytes, or \"text\"", &Monitor::edit, 2, any_number,
         false, false},
        {"stack", "k", "[COUNT]", "what lies on the stack", &Monitor::show_stack, 0, 1, false,
         false},
        {"ports", "io", "[COUNT]", "the last port accesses", &Monitor::show_ports, 0, 1, false,
         false},
        {"exits", "x", "[COUNT]", "the last exits to rmguest", &Monitor::show_exits, 0, 1, false,
         false},
        {"vcpu", "v", "[NUMBER]", "show or choose the vCPU that commands are about",
         &Monitor::choose_vcpu, 0, 1, false, false},
        {"help", "h", "", "this", &Monitor::help, 0, 0, false, false},
        {"quit", "q", "", "end the guest; its CPU goes back to Linux", &Monitor::quit, 0, 0, true,
         false},
    };
    return table;
}

std::vector<std::string> Monitor::command_names() {
    std::vector<std::string> names;
    for (const Command& command : commands()) {
        names.emplace_back(command.name);
    }
    return names;
}

Result<const Monitor::Command*> Monitor::find_command(const std::string& name) const {
    for (const Command& command : commands()) {
        if (name != command.name && name != command.short_name) {
            continue;
        }
        if (command.runs && !interrupter_.is_meant) {
            return Error{fmt::format("'{}' is the debugger's own business", command.name),
                         "use the debugger's command for it"};
        }
        return &command;
    }
    const std::string near = describe_near_names(name, command_names());
    return Error{fmt::format("there is no command '{}'", name),
                 near.empty() ? "see help" : "did you mean " + near + "?"};
}

Result<std::string> Monitor::execute(std::string_view line) {
    auto words = split(line);
    if (!words) {
        return words.error();
    }
    if (words->empty() && line.find('#') == std::string_view::npos) {
        words = split(last_line_);
    }
    last_line_.clear();
    if (words->empty()) {
        return std::string();
    }
    const auto command = find_command(words->front());
    if (!command) {
        return command.error();
    }
    const std::size_t given = words->size() - 1;
    if (given < (*command)->fewest || given > (*command)->most) {
        return Error{fmt::format("'{}' takes other words", (*command)->name),
                     fmt::format("write {} {}", (*command)->name, (*command)->arguments)};
    }
    words->erase(words->begin());
    auto answer = (this->*(*command)->method)(*words);
    if (answer && (*command)->repeats) {
        last_line_ = (*command)->runs ? std::string(line) : (*command)->name;
    }
    return answer;
}

Result<std::uint64_t> Monitor::number(const std::string& word) {
    const auto state = target_.state(vcpu_);
    if (!state) {
        return state.error();
    }
    return evaluate(word, {*state, target_.symbols()});
}

Result<std::uint64_t> Monitor::address(const std::string& word) {
    const auto state = target_.state(vcpu_);
    if (!state) {
        return state.error();
    }
    return evaluate_address(word, {*state, target_.symbols()});
}

Outcome Monitor::check_running() const {
    if (target_.end()) {
        return Error{"the guest has ended", "look at what it left, or quit"};
    }
    return Done{};
}

std::string Monitor::describe_end() {
    const RunResult result = *target_.end();
    switch (result.end) {
        case RunEnd::exit_port:
            return fmt::format("the guest has ended with status {} (port F4h)\n", result.status);
        case RunEnd::halted: return "the guest has halted, and nothing can wake it\n";
        case RunEnd::shutdown:
        case RunEnd::internal_error:
        case RunEnd::fail_entry:
        case RunEnd::init_storm:
        case RunEnd::cpu_silent:
        case RunEnd::unknown_exit:
        case RunEnd::run_failed:
        case RunEnd::output_failed:
            return fmt::format("the guest has ended: {}\n", target_.why_ended().what);
        case RunEnd::timed_out:
        case RunEnd::signalled:
        case RunEnd::stopped:
        case RunEnd::quit: return "the guest was ended from outside\n";
    }
    return {};
}

std::string Monitor::describe_stop(const DebugStop& stop) {
    std::string text;
    if (stop.vcpu != vcpu_ && stop.cause != StopCause::request) {
        vcpu_ = stop.vcpu;
        text = fmt::format("vCPU {}: ", vcpu_);
    }
    switch (stop.cause) {
        case StopCause::start:
            text += "the guest's first instruction; help lists the commands\n";
            break;
        case StopCause::step: break;
        case StopCause::breakpoint:
            if (stop.breakpoint) {
                const Breakpoint& point = stop.breakpoint->point;
                text += fmt::format("{} {}, {:#x}\n",
                                    point.kind == BreakKind::execute ? "breakpoint" : "watchpoint",
                                    stop.breakpoint->number, point.address);
            }
            break;
        case StopCause::port:
            text += stop.access && stop.access->port ? describe(*stop.access->port) + "\n" : "\n";
            break;
        case StopCause::request: text += "stopped\n"; break;
        case StopCause::ended: text += describe_end(); break;
    }
    next_code_.reset();
    return text + show_place();
}

std::string Monitor::show_place() {
    const auto state = target_.state(vcpu_);
    if (!state) {
        return "  (" + state.error().what + ")\n";
    }
    const kvm_sregs& s = state->system;
    std::size_t length = 0;
    return describe_general_registers(state->registers) +
           fmt::format("  CS={:04x} SS={:04x} DS={:04x} ES={:04x} FS={:04x} GS={:04x}\n",
                       s.cs.selector, s.ss.selector, s.ds.selector, s.es.selector, s.fs.selector,
                       s.gs.selector) +
           show_instruction(*state, code_address(*state, state->registers.rip), length);
}

}  // namespace rmguest
