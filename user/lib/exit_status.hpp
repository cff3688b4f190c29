// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace rmguest {

// Exit statuses of rmguest itself. A guest that ends its run by a write to port F4h gives the
// process the value it wrote (0 to 255), and one that ends by HLT gives 0; where these meet the
// numbers below, --json tells them apart. The numbers follow timeout(1), docker and the shell.
enum class ExitStatus : int {
    success = 0,
    timed_out = 124,       // --timeout ran out
    rmguest_failed = 125,  // bad arguments, image or device: the guest did not run to an end
    guest_failed = 126,    // triple fault, or a state that the CPU can't run
    signal_base = 128,     // plus the signal's number: 130 Ctrl-C, 143 SIGTERM
};

}  // namespace rmguest
