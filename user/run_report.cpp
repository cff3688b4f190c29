// SPDX-License-Identifier: GPL-2.0-only
#include "run_report.hpp"

#include <fmt/core.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "lib/failure_report.hpp"
#include "lib/write_all.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

using nlohmann::ordered_json;

bool guest_failed(RunEnd end) {
    switch (end) {
        case RunEnd::shutdown:
        case RunEnd::internal_error:
        case RunEnd::fail_entry:
        case RunEnd::init_storm:
        case RunEnd::unknown_exit: return true;
        // The registers of the first are on its CPU.
        case RunEnd::cpu_silent:
        case RunEnd::exit_port:
        case RunEnd::halted:
        case RunEnd::timed_out:
        case RunEnd::signalled:
        case RunEnd::stopped:
        case RunEnd::quit:
        case RunEnd::run_failed:
        case RunEnd::output_failed: return false;
    }
    return false;
}

// A guest prints bytes, and JSON holds characters: each byte becomes the character of its number.
std::string latin1_to_utf8(std::string_view bytes) {
    std::string text;
    for (const char character : bytes) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x80) {
            text.push_back(character);
        } else {
            text.push_back(static_cast<char>(0xc0 | (byte >> 6)));
            text.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
        }
    }
    return text;
}

ordered_json json_registers(const VcpuState& state) {
    const kvm_regs& r = state.registers;
    const kvm_sregs& s = state.system;
    return {
        {"eax", r.rax},        {"ebx", r.rbx},        {"ecx", r.rcx},        {"edx", r.rdx},
        {"esi", r.rsi},        {"edi", r.rdi},        {"ebp", r.rbp},        {"esp", r.rsp},
        {"eip", r.rip},        {"eflags", r.rflags},  {"cs", s.cs.selector}, {"cs_base", s.cs.base},
        {"ds", s.ds.selector}, {"es", s.es.selector}, {"ss", s.ss.selector}, {"fs", s.fs.selector},
        {"gs", s.gs.selector}, {"cr0", s.cr0},        {"cr3", s.cr3},        {"cr4", s.cr4}};
}

Error why_failed(const RunResult& result, const Machine& machine) {
    const Vcpu& vcpu = *machine.vcpus()[result.vcpu];
    return result.error ? *result.error
                        : explain_failure(result.end, vcpu.run_page(), machine.device().is_rmvisor);
}

std::string counted(std::uint64_t number, const char* one, const char* many) {
    return fmt::format("{} {}", number, number == 1 ? one : many);
}

// In the order of the vCPUs that had them.
std::string join_cpus(const std::vector<std::uint32_t>& cpus) {
    return fmt::format("{}", fmt::join(cpus, ","));
}

bool is_online(std::uint32_t cpu) {
    std::ifstream file(fmt::format("/sys/devices/system/cpu/cpu{}/online", cpu));
    char online = '0';
    file >> online;
    return online == '1';
}

// The module gives a CPU back after the last close, in its own time.
bool wait_until_online(std::uint32_t cpu) {
    using namespace std::chrono_literals;
    const auto start = std::chrono::steady_clock::now();
    bool has_said = false;
    while (!is_online(cpu)) {
        const auto waited = std::chrono::steady_clock::now() - start;
        if (waited > 20s) {
            return false;
        }
        if (waited > 1s && !has_said && ::isatty(STDERR_FILENO) == 1) {
            print_note(fmt::format("waiting for Linux to take CPU {} back", cpu));
            has_said = true;
        }
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

}  // namespace

Outcome RunReport::keep_output(std::string_view text) {
    output_ += text;
    return Done{};
}

Outcome RunReport::pass_output(std::string_view text, const std::function<bool()>& gives_up) {
    if (!text.empty()) {
        in_midline_ = text.back() != '\n';
    }
    const auto written = write_all(STDOUT_FILENO, text, gives_up);
    return written ? written : Error{"the guest's output is lost: " + written.error().what, {}};
}

void RunReport::end_line() {
    if (in_midline_ && ::isatty(STDOUT_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) {
        (void)write_all(STDOUT_FILENO, "\n", nullptr);
        in_midline_ = false;
    }
}

void RunReport::print_end(const RunResult& result, const Machine& machine) const {
    if (guest_failed(result.end)) {
        const Vcpu& vcpu = *machine.vcpus()[result.vcpu];
        print_error(why_failed(result, machine));
        if (machine.vcpus().size() > 1) {
            print_note(fmt::format("it was vCPU {}", vcpu.id()));
        }
        const auto state = vcpu.state();
        fmt::print(
            stderr, "{}",
            state ? describe_state(*state, machine.memory()) : "  (" + state.error().what + ")\n");
    } else if (result.error) {
        print_error(*result.error);
    } else if (result.end == RunEnd::timed_out) {
        print_note(fmt::format("time-out: the guest was stopped after {} s", arguments_.timeout));
    } else if (result.end == RunEnd::signalled) {
        print_note("stopped by a signal");
    } else if (result.end == RunEnd::stopped) {
        print_note("stopped by rmguest stop");
    }
}

void RunReport::print_oddities(const RunResult& result) const {
    if (!ports_.unknown().empty()) {
        std::uint64_t accesses = 0;
        std::string names;
        for (const auto& [port, count] : ports_.unknown()) {
            accesses += count;
            names += fmt::format("{}{:#x}", names.empty() ? "" : ", ", port);
            if (names.size() > 60) {
                names += ", ...";
                break;
            }
        }
        print_note(fmt::format("{} to ports where nothing is ({}): IN gave all ones, OUT was lost",
                               counted(accesses, "access", "accesses"), names));
    }
    if (arguments_.stats || arguments_.verbose) {
        for (const MmioCount& range : result.mmio) {
            print_note(fmt::format("{}: {}, {}", range.name, counted(range.reads, "read", "reads"),
                                   counted(range.writes, "write", "writes")));
        }
    }
    if (result.outside_accesses != 0) {
        print_note(fmt::format(
            "{} outside of the guest's memory, the first at {:#x}: reads gave "
            "all ones, writes were lost; --memory gives more",
            counted(result.outside_accesses, "access", "accesses"), result.outside_address));
    }
}

void RunReport::print_summary(const RunResult& result, const Machine& machine) const {
    std::string text = fmt::format("{}, status {}", to_string(result.end), result.status);
    std::vector<std::uint32_t> cpus;
    std::uint64_t exits = 0;
    std::uint64_t user_exits = 0;
    std::uint64_t smi_repairs = 0;
    std::uint64_t smis = 0;
    std::uint64_t smi_ticks = 0;
    std::uint32_t vm = 0;
    for (const auto& vcpu : machine.vcpus()) {
        if (const auto info = vcpu->info()) {
            cpus.push_back(info->cpu);
            exits += info->exits;
            user_exits += info->user_exits;
            smi_repairs += info->smi_repairs;
            smis += info->smis;
            smi_ticks += info->smi_ticks;
            vm = info->vm_id;
        }
    }
    if (!cpus.empty()) {
        text = fmt::format("CPU{} {} {} taken for guest vm {}; {}, {} to user space; ",
                           cpus.size() == 1 ? "" : "s", join_cpus(cpus),
                           cpus.size() == 1 ? "was" : "were", vm, counted(exits, "exit", "exits"),
                           user_exits) +
               text;
    } else {
        text = counted(result.counts.user_exits, "exit", "exits") + " to user space; " + text;
    }
    if (smi_repairs != 0) {
        text += fmt::format("; CR0 put back after {}", counted(smi_repairs, "SMI", "SMIs"));
    }
    if (smis != 0) {
        text += fmt::format("; {} in {} ticks", counted(smis, "SMI", "SMIs"), smi_ticks);
    }
    if (arguments_.verbose && ports_.post_code()) {
        text += fmt::format("; last POST code {:02x}h", *ports_.post_code());
    }
    print_note(text);
}

std::uint64_t RunReport::visor_ticks() const {
    std::uint64_t ticks = 0;
    for (const RunMeter::Row& row : exits_.value_or(std::vector<RunMeter::Row>{})) {
        ticks += row.ticks;
    }
    return ticks;
}

// Where the time went. The visor's part is known only where the module's statistics can be read.
void RunReport::print_costs(const RunResult& result) const {
    if (exits_) {
        std::string reasons;
        for (const RunMeter::Row& row : *exits_) {
            reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ",
                                   exit_reason_name(row.reason), row.count);
        }
        print_note("exits by reason: " + (reasons.empty() ? "none" : reasons));
    }
    std::string text = fmt::format("ticks: {} in KVM_RUN", result.counts.run_ticks);
    if (const std::uint64_t visor = visor_ticks(); visor != 0) {
        text += fmt::format(" (of these {} in the visor)", visor);
    }
    print_note(text + fmt::format(", {} in rmguest", result.counts.user_ticks));
}

void RunReport::print_json(const RunResult& result, const Machine& machine) const {
    ordered_json report{
        {"end", to_string(result.end)},         {"status", result.status},
        {"output", latin1_to_utf8(output_)},    {"user_exits", result.counts.user_exits},
        {"run_ticks", result.counts.run_ticks}, {"user_ticks", result.counts.user_ticks},
        {"device", machine.device().path}};
    report["vcpus"] = ordered_json::array();
    for (const auto& vcpu : machine.vcpus()) {
        ordered_json one{{"id", vcpu->id()}};
        if (const auto info = vcpu->info()) {
            one["cpu"] = info->cpu;
            one["exits"] = info->exits;
            one["user_exits"] = info->user_exits;
            one["smi_repairs"] = info->smi_repairs;
            one["smis"] = info->smis;
            one["smi_ticks"] = info->smi_ticks;
            report["vm"] = info->vm_id;
        }
        report["vcpus"].push_back(one);
    }
    if (exits_) {
        report["visor_ticks"] = visor_ticks();
        report["exits_by_reason"] = ordered_json::array();
        for (const RunMeter::Row& row : *exits_) {
            report["exits_by_reason"].push_back({{"reason", row.reason},
                                                 {"name", exit_reason_name(row.reason)},
                                                 {"count", row.count},
                                                 {"ticks", row.ticks}});
        }
    }
    if (ports_.post_code()) {
        report["post_code"] = *ports_.post_code();
    }
    report["unknown_ports"] = ordered_json::array();
    for (const auto& [port, count] : ports_.unknown()) {
        report["unknown_ports"].push_back({{"port", port}, {"accesses", count}});
    }
    report["outside_accesses"] = result.outside_accesses;
    report["mmio"] = ordered_json::array();
    for (const MmioCount& range : result.mmio) {
        report["mmio"].push_back({{"name", range.name},
                                  {"address", range.address},
                                  {"size", range.size},
                                  {"reads", range.reads},
                                  {"writes", range.writes}});
    }
    if (guest_failed(result.end)) {
        const Vcpu& vcpu = *machine.vcpus()[result.vcpu];
        report["error"] = why_failed(result, machine).what;
        report["vcpu"] = vcpu.id();
        if (const auto state = vcpu.state()) {
            report["registers"] = json_registers(*state);
        }
    } else if (result.error) {
        report["error"] = result.error->what;
    }
    fmt::print("{}\n", report.dump());
}

void RunReport::print(const RunResult& result, const Machine& machine) const {
    if (in_midline_ && ::isatty(STDOUT_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) {
        fmt::print(stderr, "\n");
    }
    print_end(result, machine);
    if (arguments_.json) {
        print_json(result, machine);
        return;
    }
    print_oddities(result);
    if (wants_summary()) {
        print_summary(result, machine);
    }
    if (arguments_.stats || arguments_.verbose) {
        print_costs(result);
    }
}

bool RunReport::wants_summary() const {
    return arguments_.stats || arguments_.verbose || ::isatty(STDERR_FILENO) == 1;
}

void RunReport::print_given_back(const std::vector<std::uint32_t>& cpus) const {
    bool all_back = true;
    for (const std::uint32_t cpu : cpus) {
        if (!wait_until_online(cpu)) {
            all_back = false;
            print_error({fmt::format("Linux has not taken CPU {} back", cpu),
                         fmt::format("see dmesg; by hand: echo 1 | sudo tee "
                                     "/sys/devices/system/cpu/cpu{}/online",
                                     cpu)});
        }
    }
    if (all_back && !cpus.empty() && wants_summary() && !arguments_.json) {
        print_note(cpus.size() == 1 ? fmt::format("CPU {} is back with Linux", cpus.front())
                                    : fmt::format("CPUs {} are back with Linux", join_cpus(cpus)));
    }
}

}  // namespace rmguest
