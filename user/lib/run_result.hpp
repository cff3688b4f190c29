// SPDX-License-Identifier: GPL-2.0-only
//
// How a run ended.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"

namespace rmguest {

enum class RunEnd {
    exit_port,  // a write to port F4h
    halted,     // HLT of every vCPU: nothing can wake this guest
    timed_out,
    signalled,
    stopped,         // rmguest stop
    quit,            // by the user of the debugger
    shutdown,        // triple fault
    internal_error,  // KVM_EXIT_INTERNAL_ERROR
    fail_entry,      // KVM_EXIT_FAIL_ENTRY
    init_storm,      // INITs of the machine's kept coming: RMVISOR_EXIT_INIT_STORM
    cpu_silent,      // the guest's CPU does not answer: RMVISOR_EXIT_CPU_SILENT
    unknown_exit,    // an exit that rmguest has no answer to
    run_failed,      // KVM_RUN gave an error
    output_failed,   // the guest's output could not be written
};

// A short name for --json, such as "exit-port".
[[nodiscard]] const char* to_string(RunEnd end);

// What one vCPU has cost so far. Ticks are of the TSC.
struct VcpuCounts {
    std::uint64_t user_exits = 0;  // times that KVM_RUN returned
    std::uint64_t run_ticks = 0;   // inside KVM_RUN: guest, visor and kernel
    std::uint64_t user_ticks = 0;  // outside of it, in rmguest
};

// Accesses to one range of --mmio.
struct MmioCount {
    std::string name;
    std::uint64_t address;
    std::uint64_t size;
    std::uint64_t reads;
    std::uint64_t writes;
};

struct RunResult {
    RunEnd end;
    int status;                          // for the process, see ExitStatus
    std::uint32_t vcpu = 0;              // whose doing it was
    VcpuCounts counts = {};              // of all vCPUs together
    std::uint64_t outside_accesses = 0;  // to physical addresses without memory
    std::uint64_t outside_address = 0;   // the first of them
    std::vector<MmioCount> mmio = {};
    std::optional<Error> error = {};  // of run_failed, output_failed; of others where more is known
};

// Takes what the guest printed. Called by one vCPU at a time.
using OutputSink = std::function<Outcome(std::string_view)>;

}  // namespace rmguest
