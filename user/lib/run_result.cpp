// SPDX-License-Identifier: GPL-2.0-only
#include "run_result.hpp"

namespace rmguest {

const char* to_string(RunEnd end) {
    switch (end) {
        case RunEnd::exit_port: return "exit-port";
        case RunEnd::halted: return "halted";
        case RunEnd::timed_out: return "timed-out";
        case RunEnd::signalled: return "signalled";
        case RunEnd::stopped: return "stopped";
        case RunEnd::quit: return "quit";
        case RunEnd::shutdown: return "shutdown";
        case RunEnd::internal_error: return "internal-error";
        case RunEnd::fail_entry: return "fail-entry";
        case RunEnd::init_storm: return "init-storm";
        case RunEnd::cpu_silent: return "cpu-silent";
        case RunEnd::unknown_exit: return "unknown-exit";
        case RunEnd::run_failed: return "run-failed";
        case RunEnd::output_failed: return "output-failed";
    }
    return "unknown";
}

}  // namespace rmguest
