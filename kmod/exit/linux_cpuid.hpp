// SPDX-License-Identifier: GPL-2.0-only
// CPUID: the exit that Linux takes again and again, and the only one that is answered before the
// general way is taken: in entry.S while it is only counted, here while it is traced. What that way
// does for it is done there in fewer steps; whatever is out of the ordinary is left to it, with
// nothing changed.
#pragma once

#include "exit/event.hpp"
#include "exit/fault_calls.hpp"
#include "exit/record.hpp"

namespace rmv {

// Leaves with bits that mirror CR4: in root they would show root's (SDM: CPUID).
[[nodiscard]] constexpr bool mirrors_cr4(u32 leaf) noexcept {
    return leaf <= HIGHEST_LEAF_OF_CR4 && (u32{LEAVES_OF_CR4} >> leaf & 1) != 0;
}

// Linux is served, its VMCS launched, nothing on its way.
[[nodiscard]] inline bool is_linux_at_work(const Cpu& cpu) noexcept {
    return cpu.mode == Mode::linux_guest && cpu.vmcs_launched != 0 && !cpu.leave.pending &&
           !is_fault_armed(cpu);
}

// After each exit of Linux that has gone the general way, since all that this depends on changes
// there only: what entry.S answers from now on.
inline void settle_quick_answers(Cpu& cpu) noexcept {
    static_assert(QUICK_LATENCY == watch_latency);
    cpu.quick =
        is_linux_at_work(cpu) && (cpu.watch & watch_trace) == 0 ? QUICK_ANSWER | cpu.watch : 0;
}

[[nodiscard]] inline bool is_64_bit_code() noexcept {
    u64 rights = 0;
    return insn::vmread(static_cast<u32>(Field::guest_cs_access_rights), rights) &&
           has(rights, AccessRights::long_mode);
}

[[nodiscard]] inline bool is_linux_cpuid(const Cpu& cpu) noexcept {
    if (!is_linux_at_work(cpu)) return false;
    u64 reason = 0;
    return insn::vmread(static_cast<u32>(Field::exit_reason), reason) &&
           reason == static_cast<u32>(ExitReason::cpuid);
}

// False: it is another exit, there is more to it, or the VMCS fails: the general way begins anew.
[[nodiscard]] inline bool answer_traced_cpuid(Cpu& cpu, rmv_gprs& gprs) noexcept {
    if (!is_linux_cpuid(cpu)) return false;
    const u64 start = insn::rdtsc();
    if (mirrors_cr4(low32(gprs.rax)) || !ends_without_effect() || !is_64_bit_code()) return false;
    u64 rip = 0, length = 0;
    if (!insn::vmread(static_cast<u32>(Field::guest_rip), rip) ||
        !insn::vmread(static_cast<u32>(Field::exit_instruction_length), length) ||
        !insn::vmwrite(static_cast<u32>(Field::guest_rip), rip + length))
        return false;
    begin_linux_cpuid_record(cpu, gprs, start, rip, low32(length));
    insn::cpuid(gprs.rax, gprs.rbx, gprs.rcx, gprs.rdx);
    rmvisor_stats_entry& entry =
        entry_of(cpu.stats.linux_exits, static_cast<u32>(ExitReason::cpuid));
    count(entry.count);
    const u64 ticks = insn::rdtsc() - start;
    finish_exit_record(cpu, ticks);
    if ((cpu.watch & watch_latency) != 0) add_latency(entry, ticks);
    return true;
}

}  // namespace rmv
