// SPDX-License-Identifier: GPL-2.0-only
#include "run_loop.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "exit_status.hpp"

namespace rmguest {
namespace {

int status_of(ExitStatus status) { return static_cast<int>(status); }

class RunLoop {
public:
    RunLoop(Machine& machine, Ports& ports, const StopRequest& stop, const OutputSink& sink)
        : machine_(machine), ports_(ports), stop_(stop), sink_(sink) {}

    RunResult run() {
        while (!ended_) {
            if (const int signal = stop_.signal()) {
                end_by_signal(signal);
                break;
            }
            const int error_number = machine_.run();
            ++result_.user_exits;
            if (error_number == 0) {
                handle_exit();
            } else if (error_number != EINTR) {
                end_by_error(RunEnd::run_failed, run_error(error_number));
            }
        }
        return result_;
    }

private:
    void end(RunEnd how, int status) {
        result_.end = how;
        result_.status = status;
        ended_ = true;
    }

    void end_by_error(RunEnd how, Error error) {
        result_.error = std::move(error);
        end(how, status_of(ExitStatus::rmguest_failed));
    }

    void end_by_signal(int signal) {
        if (signal == SIGALRM) {
            end(RunEnd::timed_out, status_of(ExitStatus::timed_out));
        } else {
            end(RunEnd::signalled, status_of(ExitStatus::signal_base) + signal);
        }
    }

    static Error run_error(int error_number) {
        return system_error("the guest can't go on (KVM_RUN)", error_number,
                            "see dmesg for what the device says");
    }

    void handle_exit() {
        switch (machine_.run_page().exit_reason) {
            case KVM_EXIT_IO:
                handle_io();
                return;
            case KVM_EXIT_MMIO:
                handle_outside_access();
                return;
            case KVM_EXIT_INTR:
                return;
            case KVM_EXIT_HLT:
                end(RunEnd::halted, status_of(ExitStatus::success));
                return;
            case KVM_EXIT_SHUTDOWN:
                end(RunEnd::shutdown, status_of(ExitStatus::guest_failed));
                return;
            case KVM_EXIT_INTERNAL_ERROR:
                end(RunEnd::internal_error, status_of(ExitStatus::guest_failed));
                return;
            case KVM_EXIT_FAIL_ENTRY:
                end(RunEnd::fail_entry, status_of(ExitStatus::guest_failed));
                return;
            default:
                end(RunEnd::unknown_exit, status_of(ExitStatus::guest_failed));
                return;
        }
    }

    void handle_io() {
        kvm_run& page = machine_.run_page();
        auto* data = reinterpret_cast<std::uint8_t*>(&page) + page.io.data_offset;
        for (std::uint32_t index = 0; index < page.io.count && !ports_.exit_status(); ++index) {
            std::uint32_t value = 0;
            if (page.io.direction == KVM_EXIT_IO_OUT) {
                std::memcpy(&value, data, page.io.size);
                ports_.out(page.io.port, page.io.size, value);
            } else {
                value = ports_.in(page.io.port, page.io.size);
                std::memcpy(data, &value, page.io.size);
            }
            data += page.io.size;
        }
        flush_output();
        if (const auto status = ports_.exit_status(); status && !ended_) {
            end(RunEnd::exit_port, *status);
        }
    }

    void flush_output() {
        const std::string text = ports_.take_output();
        if (text.empty()) {
            return;
        }
        if (const auto written = sink_(text); !written) {
            end_by_error(RunEnd::output_failed, written.error());
        }
    }

    // As on a bus where nobody answers: reads give all ones, writes are lost.
    void handle_outside_access() {
        kvm_run& page = machine_.run_page();
        if (result_.outside_accesses++ == 0) {
            result_.outside_address = page.mmio.phys_addr;
        }
        if (page.mmio.is_write == 0) {
            std::memset(page.mmio.data, 0xff, sizeof(page.mmio.data));
        }
    }

    Machine& machine_;
    Ports& ports_;
    const StopRequest& stop_;
    const OutputSink& sink_;
    RunResult result_{.end = RunEnd::unknown_exit, .status = 0};
    bool ended_ = false;
};

}  // namespace

const char* to_string(RunEnd end) {
    switch (end) {
        case RunEnd::exit_port:
            return "exit-port";
        case RunEnd::halted:
            return "halted";
        case RunEnd::timed_out:
            return "timed-out";
        case RunEnd::signalled:
            return "signalled";
        case RunEnd::shutdown:
            return "shutdown";
        case RunEnd::internal_error:
            return "internal-error";
        case RunEnd::fail_entry:
            return "fail-entry";
        case RunEnd::unknown_exit:
            return "unknown-exit";
        case RunEnd::run_failed:
            return "run-failed";
        case RunEnd::output_failed:
            return "output-failed";
    }
    return "unknown";
}

RunResult run_guest(Machine& machine, Ports& ports, const StopRequest& stop,
                    const OutputSink& sink) {
    return RunLoop(machine, ports, stop, sink).run();
}

Outcome write_all(int descriptor, std::string_view text, const StopRequest* stop) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EINTR && stop != nullptr && stop->signal() != 0) {
            return Done{};  // the run ends at the next look at the signal
        } else if (errno != EINTR) {
            return system_error("cannot write", errno);
        }
    }
    return Done{};
}

}  // namespace rmguest
