// SPDX-License-Identifier: GPL-2.0-only
//
// The monitor of rmguest run --debug at a terminal, or fed by a script on the standard input.
#pragma once

#include <csignal>
#include <functional>

#include "lib/debug/live_target.hpp"
#include "lib/run_guest.hpp"

namespace rmguest {

// Works until the user quits, the input ends, or the run is ended from outside; the guest has ended
// then. What it says goes to the standard error; before that, `end_line` ends a line of the guest.
// From its construction on, Ctrl-C stops the guest and not the run.
class DebugConsole {
public:
    explicit DebugConsole(std::function<void()> end_line);
    ~DebugConsole();
    DebugConsole(const DebugConsole&) = delete;
    DebugConsole& operator=(const DebugConsole&) = delete;

    // False if a command of a script has failed; it is the last one then.
    [[nodiscard]] bool work(LiveTarget& target, GuestRun& guest);

private:
    [[nodiscard]] bool take_interrupt() const;

    std::function<void()> end_line_;
    FileDescriptor interrupts_;
    sigset_t former_mask_;
};

}  // namespace rmguest
