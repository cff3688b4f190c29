// SPDX-License-Identifier: GPL-2.0-only
//
// Signals that end a run: Ctrl-C, SIGTERM, SIGHUP, and SIGALRM for the time-out.
#pragma once

#include "file_descriptor.hpp"

namespace rmguest {

// Catches the signals from its construction to its destruction; one at a time in a process.
//
// Handlers do not restart system calls, so that a signal ends a call of the thread that gets it.
// A second signal of a kind (but SIGALRM) kills the process as usual, and the kernel gives the CPU
// back.
class StopRequest {
public:
    StopRequest();
    ~StopRequest();
    StopRequest(const StopRequest&) = delete;
    StopRequest& operator=(const StopRequest&) = delete;

    // SIGALRM comes after that many seconds.
    void set_timeout(double seconds);
    // The first signal that came, or 0.
    [[nodiscard]] int signal() const;
    // Readable once a signal has come.
    [[nodiscard]] int descriptor() const { return event_.get(); }

private:
    FileDescriptor event_;
};

}  // namespace rmguest
