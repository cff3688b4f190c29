// SPDX-License-Identifier: GPL-2.0-only
// CPUID: the exit that Linux takes again and again, and the only one that is answered before the
// general way is taken. What that way does for it is done here in fewer steps; whatever is out of
// the ordinary is left to it, with nothing changed.
#pragma once

#include "exit/event.hpp"
#include "exit/fault_calls.hpp"
#include "exit/record.hpp"

namespace rmv {

// Leaves with bits that mirror CR4: in root they would show root's (SDM: CPUID).
[[nodiscard]] constexpr bool mirrors_cr4(u32 leaf) noexcept {
    return leaf == 0x01 || leaf == 0x07 || leaf == 0x19;
}

[[nodiscard]] inline bool is_64_bit_code() noexcept {
    u64 rights = 0;
    return insn::vmread(static_cast<u32>(Field::guest_cs_access_rights), rights) &&
           has(rights, AccessRights::long_mode);
}

[[nodiscard]] inline bool is_linux_cpuid(const Cpu& cpu) noexcept {
    if (cpu.mode != Mode::linux_guest || cpu.leave.pending || is_fault_armed(cpu)) return false;
    u64 reason = 0;
    return insn::vmread(static_cast<u32>(Field::exit_reason), reason) &&
           reason == static_cast<u32>(ExitReason::cpuid);
}

// False: it is another exit, there is more to it, or the VMCS fails: the general way begins anew.
template <bool traced>
[[nodiscard]] inline bool answer_linux_cpuid(Cpu& cpu, rmv_gprs& gprs) noexcept {
    if (!is_linux_cpuid(cpu)) return false;
    const u64 start = cpu.watch == 0 ? 0 : insn::rdtsc();
    if (mirrors_cr4(low32(gprs.rax)) || !ends_without_effect() || (traced && !is_64_bit_code()))
        return false;
    u64 rip = 0, length = 0;
    if (!insn::vmread(static_cast<u32>(Field::guest_rip), rip) ||
        !insn::vmread(static_cast<u32>(Field::exit_instruction_length), length) ||
        !insn::vmwrite(static_cast<u32>(Field::guest_rip), rip + length))
        return false;
    cpu.vmcs_launched = 1;
    cpu.has_exited = true;
    if constexpr (traced) begin_linux_cpuid_record(cpu, gprs, start, rip, low32(length));
    insn::cpuid(gprs.rax, gprs.rbx, gprs.rcx, gprs.rdx);
    rmvisor_stats_entry& entry =
        entry_of(cpu.stats.linux_exits, static_cast<u32>(ExitReason::cpuid));
    count(entry.count);
    if (start == 0) return true;
    const u64 ticks = insn::rdtsc() - start;
    if constexpr (traced) finish_exit_record(cpu, ticks);
    if ((cpu.watch & watch_latency) != 0) add_latency(entry, ticks);
    return true;
}

}  // namespace rmv
