// SPDX-License-Identifier: GPL-2.0-only
//
// Commands that let the guest run, and what stops it.
#include <fmt/core.h>

#include "lib/emulator/fetch.hpp"
#include "lib/failure_report.hpp"
#include "monitor.hpp"
#include "register_access.hpp"

namespace rmguest {
namespace {

constexpr std::uint64_t largest_port = 0xffff;

bool is_deeper(const VcpuState& now, const VcpuState& before) {
    return now.system.ss.base == before.system.ss.base && now.registers.rsp < before.registers.rsp;
}

}  // namespace

Result<DebugStop> Monitor::run_all() {
    return target_.run(std::vector<RunMode>(target_.vcpu_count(), RunMode::run), interrupter_);
}

Result<DebugStop> Monitor::step_one() {
    std::vector<RunMode> modes(target_.vcpu_count(), RunMode::hold);
    modes[vcpu_] = RunMode::step;
    return target_.run(modes, interrupter_);
}

// With a breakpoint for as long as it takes, unless there is one already.
Result<DebugStop> Monitor::run_to(std::uint64_t address) {
    Breakpoints& breakpoints = target_.breakpoints();
    const Breakpoint point{BreakKind::execute, address};
    const bool was_there = breakpoints.stops_at(address);
    const auto added = breakpoints.add(point);
    if (!added) {
        return added.error();
    }
    auto stop = run_all();
    if (!was_there) {
        (void)breakpoints.remove(point);
        if (stop && stop->breakpoint && stop->breakpoint->point == point) {
            stop->cause = StopCause::step;
        }
    }
    return stop;
}

// In a function that calls itself, the same instruction comes by with more on the stack first.
Result<DebugStop> Monitor::step_over() {
    const auto before = target_.state(vcpu_);
    if (!before) {
        return before.error();
    }
    const CodeBytes code = fetch(*before, target_.bus());
    const auto instruction = disassemble(code.span(), code_size(*before), before->registers.rip);
    if (!instruction || !instruction->comes_back) {
        return step_one();
    }
    const std::uint64_t behind = code_address(*before, before->registers.rip + instruction->length);
    for (;;) {
        auto stop = run_to(behind);
        if (!stop || stop->cause != StopCause::step) {
            return stop;
        }
        const auto now = target_.state(stop->vcpu);
        if (!now) {
            return now.error();
        }
        if (stop->vcpu == vcpu_ && !is_deeper(*now, *before)) {
            return stop;
        }
    }
}

// What a step has changed, and what comes next.
std::string Monitor::show_change(const VcpuState& before, const DebugStop& stop) {
    const auto now = target_.state(stop.vcpu);
    if (!now || stop.cause != StopCause::step || stop.vcpu != vcpu_) {
        return describe_stop(stop);
    }
    std::string changes;
    constexpr const char* shown[] = {"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp",
                                     "cs",  "ss",  "ds",  "es",  "fs",  "gs",  "cr0"};
    for (const char* name : shown) {
        const auto value = read_register(*now, name);
        if (value != read_register(before, name)) {
            const int digits = segment_register(*now, name) != nullptr ? 4 : 8;
            changes += fmt::format(" {}={:0{}x}", name, *value, digits);
        }
    }
    if (now->registers.rflags != before.registers.rflags) {
        changes += fmt::format(" eflags=[{}]", flag_names(now->registers.rflags));
    }
    next_code_.reset();
    std::size_t length = 0;
    return (changes.empty() ? "" : " " + changes + "\n") +
           show_instruction(*now, code_address(*now, now->registers.rip), length);
}

Result<std::string> Monitor::repeat(std::uint64_t count, Result<DebugStop> (Monitor::*once)()) {
    if (const auto checked = check_running(); !checked) {
        return checked.error();
    }
    std::string text;
    for (std::uint64_t done = 0; done < count; ++done) {
        const std::uint64_t exits = target_.exits().total();
        const auto before = target_.state(vcpu_);
        if (!before) {
            return before.error();
        }
        const auto stop = (this->*once)();
        if (!stop) {
            return stop.error();
        }
        for (const GuestExit& access : target_.exits().last(8, true)) {
            if (access.number > exits && stop->cause != StopCause::port) {
                text += "  " + describe(*access.port) + "\n";
            }
        }
        text += show_change(*before, *stop);
        if (stop->cause != StopCause::step) {
            break;
        }
    }
    return text;
}

Result<std::string> Monitor::step(const Words& words) {
    const auto count = words.empty() ? Result<std::uint64_t>(1) : number(words[0]);
    return count ? repeat(*count, &Monitor::step_one) : count.error();
}

Result<std::string> Monitor::next(const Words& words) {
    const auto count = words.empty() ? Result<std::uint64_t>(1) : number(words[0]);
    return count ? repeat(*count, &Monitor::step_over) : count.error();
}

Result<std::string> Monitor::go(const Words&) {
    if (const auto checked = check_running(); !checked) {
        return checked.error();
    }
    const auto stop = run_all();
    return stop ? Result<std::string>(describe_stop(*stop)) : stop.error();
}

Result<std::string> Monitor::until(const Words& words) {
    if (const auto checked = check_running(); !checked) {
        return checked.error();
    }
    const auto where = address(words[0]);
    if (!where) {
        return where.error();
    }
    const auto stop = run_to(*where);
    return stop ? Result<std::string>(describe_stop(*stop)) : stop.error();
}

Result<std::string> Monitor::add_breakpoint(const Breakpoint& point) {
    const auto added = target_.breakpoints().add(point);
    if (!added) {
        return added.error();
    }
    return fmt::format("{} {} at {:#x}\n",
                       point.kind == BreakKind::execute ? "breakpoint" : "watchpoint", *added,
                       point.address);
}

Result<std::string> Monitor::set_break(const Words& words) {
    const auto where = address(words[0]);
    return where ? add_breakpoint({BreakKind::execute, *where}) : where.error();
}

Result<std::string> Monitor::add_watchpoint(const Words& words, BreakKind kind) {
    const auto where = address(words[0]);
    if (!where) {
        return where.error();
    }
    const auto size = words.size() < 2 ? Result<std::uint64_t>(1) : number(words[1]);
    return size ? add_breakpoint({kind, *where, *size}) : size.error();
}

Result<std::string> Monitor::watch(const Words& words) {
    return add_watchpoint(words, BreakKind::write);
}

Result<std::string> Monitor::watch_access(const Words& words) {
    return add_watchpoint(words, BreakKind::access);
}

Result<std::string> Monitor::watch_port(const Words& words) {
    const auto port = number(words[0]);
    if (!port) {
        return port.error();
    }
    if (*port > largest_port) {
        return Error{fmt::format("there is no port {:x}", *port), "give one from 0 to ffff"};
    }
    target_.watched_ports().insert(static_cast<std::uint16_t>(*port));
    return fmt::format("port {:x}h\n", *port);
}

Result<std::string> Monitor::remove(const Words& words) {
    if (words.empty()) {
        target_.breakpoints().clear();
        target_.watched_ports().clear();
        return std::string("all deleted\n");
    }
    const auto which = number(words[0]);
    if (!which) {
        return which.error();
    }
    if (*which <= largest_port &&
        (target_.breakpoints().remove(static_cast<std::uint32_t>(*which)) ||
         target_.watched_ports().erase(static_cast<std::uint16_t>(*which)) != 0)) {
        return std::string("deleted\n");
    }
    return Error{fmt::format("there is no breakpoint and no port {:x}", *which),
                 "breaks lists what there is"};
}

Result<std::string> Monitor::list_breaks(const Words&) {
    std::string text;
    for (const Breakpoints::Entry& entry : target_.breakpoints().entries()) {
        text += fmt::format("  {}: {} {:#x}", entry.number, to_string(entry.point.kind),
                            entry.point.address);
        text += entry.point.size > 1 ? fmt::format(", {:x} bytes", entry.point.size) : "";
        const std::string name = target_.symbols().describe(entry.point.address);
        text += name.empty() ? "\n" : fmt::format(" <{}>\n", name);
    }
    for (const std::uint16_t port : target_.watched_ports()) {
        text += fmt::format("  port {:x}h\n", port);
    }
    return text.empty() ? std::string("there are none\n") : text;
}

}  // namespace rmguest
