// SPDX-License-Identifier: GPL-2.0-only
// MSRs outside the two ranges of the bitmap always exit (SDM: MSR-Bitmap Address). Linux gets what
// the CPU gives, #GP(0) included: a read of one that does not exist must not hurt root.
#include "exit/event.hpp"
#include "exit/linux_exits.hpp"

namespace rmv {

Action handle_linux_rdmsr(ExitContext& exit) noexcept {
    u64 value = 0;
    if (!visor_safe_rdmsr(low32(exit.gprs.rcx), &value))
        return inject_general_protection(exit);
    exit.gprs.rax = low32(value);
    exit.gprs.rdx = high32(value);
    return Action::skip;
}

Action handle_linux_wrmsr(ExitContext& exit) noexcept {
    const u64 value = join(low32(exit.gprs.rdx), low32(exit.gprs.rax));
    return visor_safe_wrmsr(low32(exit.gprs.rcx), value) ? Action::skip
                                                         : inject_general_protection(exit);
}

}  // namespace rmv
