// SPDX-License-Identifier: GPL-2.0-only
//
// Signals that end a run: Ctrl-C, SIGTERM, SIGHUP, and SIGALRM for the time-out.
#pragma once

#include <linux/kvm.h>

namespace rmguest {

// Catches the signals from its construction to its destruction; one at a time in a process.
//
// No signal is lost between a look at signal() and KVM_RUN: the handler sets immediate_exit in the
// run page too, and KVM_RUN with that set returns at once. Handlers do not restart system calls,
// so that a signal also ends a write to a full pipe. A second signal of a kind (but SIGALRM)
// kills the process as usual, and the kernel gives the CPU back.
class StopRequest {
public:
    StopRequest();
    ~StopRequest();
    StopRequest(const StopRequest&) = delete;
    StopRequest& operator=(const StopRequest&) = delete;

    // The run page that a signal has to reach, or null. Look at signal() after it.
    void watch(kvm_run* run_page);
    // SIGALRM comes after that many seconds.
    void set_timeout(double seconds);
    // The first signal that came, or 0.
    [[nodiscard]] int signal() const;
};

}  // namespace rmguest
