// SPDX-License-Identifier: GPL-2.0-only
//
// Runs a guest until it ends, and serves its port accesses on the way.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "error.hpp"
#include "machine.hpp"
#include "ports.hpp"
#include "stop_request.hpp"

namespace rmguest {

enum class RunEnd {
    exit_port,  // a write to port F4h
    halted,     // HLT: nothing can wake this guest
    timed_out,
    signalled,
    shutdown,        // triple fault
    internal_error,  // KVM_EXIT_INTERNAL_ERROR
    fail_entry,      // KVM_EXIT_FAIL_ENTRY
    unknown_exit,    // an exit that rmguest has no answer to
    run_failed,      // KVM_RUN gave an error
    output_failed,   // the guest's output could not be written
};

// A short name for --json, such as "exit-port".
[[nodiscard]] const char* to_string(RunEnd end);

struct RunResult {
    RunEnd end;
    int status;                          // for the process, see ExitStatus
    std::uint64_t user_exits = 0;        // times that KVM_RUN returned
    std::uint64_t outside_accesses = 0;  // to physical addresses without memory
    std::uint64_t outside_address = 0;   // the first of them
    std::optional<Error> error = {};     // of run_failed and output_failed
};

// Takes what the guest printed.
using OutputSink = std::function<Outcome(std::string_view)>;

// Blocks. The vCPU exists; its run page is watched by `stop`.
[[nodiscard]] RunResult run_guest(Machine& machine, Ports& ports, const StopRequest& stop,
                                  const OutputSink& sink);

// Writes all of it to a file descriptor. With `stop`, gives up when that comes while it blocks.
[[nodiscard]] Outcome write_all(int descriptor, std::string_view text, const StopRequest* stop);

}  // namespace rmguest
