// SPDX-License-Identifier: GPL-2.0-only
// Two kinds of MSR accesses exit. MSRs outside the two ranges of the bitmap always exit (SDM:
// MSR-Bitmap Address). Linux gets what the CPU gives, #GP(0) included: a read of one that does not
// exist must not hurt root. And writes to MTRRs, which are done here and reported: under EPT the
// types of memory come from Linux's map.
#include "exit/event.hpp"
#include "exit/linux_exits.hpp"
#include "vmx/doorbell.hpp"
#include "x86/mtrr_msrs.hpp"

namespace rmv {

namespace {

// No other MSR below 1FFFh has its bit set in Linux's bitmap.
[[nodiscard]] constexpr bool is_mtrr(u32 msr) noexcept {
    return msr >= static_cast<u32>(Msr::mtrr_physbase0) &&
           msr <= static_cast<u32>(Msr::mtrr_def_type);
}

}  // namespace

Action handle_linux_rdmsr(ExitContext& exit) noexcept {
    u64 value = 0;
    if (!visor_safe_rdmsr(low32(exit.gprs.rcx), &value)) return general_protection(exit.vmcs);
    exit.gprs.rax = low32(value);
    exit.gprs.rdx = high32(value);
    return Action::skip;
}

Action handle_linux_wrmsr(ExitContext& exit) noexcept {
    const u32 msr = low32(exit.gprs.rcx);
    if (!visor_safe_wrmsr(msr, join(low32(exit.gprs.rdx), low32(exit.gprs.rax))))
        return general_protection(exit.vmcs);
    if (is_mtrr(msr)) {
        count(exit.cpu.shared.mtrr_writes);
        ring_doorbell(exit.cpu);
    }
    return Action::skip;
}

}  // namespace rmv
