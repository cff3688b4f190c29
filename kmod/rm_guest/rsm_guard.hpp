// SPDX-License-Identifier: GPL-2.0-only
// What makes an RSM that comes back in the wrong mode harmless.
//
// RSM keeps the PE and PG that it saved when it returns to an unrestricted guest (SDM: Default
// Treatment of RSM). Bochs up to 3.0 and some nested parents force both to 1 instead: a guest
// without paging would go on with paging, through whatever its CR3 names. So while the guest's
// CR0.PG is 0 and there is a page for it (visor_guest_memory_zero_page()):
//
//  - GUEST_CR3 names a page of zeros: the first instruction fetch page-faults, nothing is executed;
//  - #PF exits, which a guest without paging has none of;
//  - MOV to and from CR3 exits, and the guest's CR3 is kept beside the VMCS;
//  - EFER.LME is kept out of GUEST_EFER: PE, PG and LME together would be IA-32e mode.
//
// Every exit then compares GUEST_CR0 with what the guest was granted, and puts it back. With paging
// on there is nothing to repair, and nothing of this is in force. On a CPU that does as the SDM
// says the price is an exit for a MOV CR3 without paging, and the count of repairs stays 0.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

// As the guest has it.
[[nodiscard]] u64 read_guest_cr3(const RmGuest& rm, Vmcs& vmcs) noexcept;
void write_guest_cr3(RmGuest& rm, Vmcs& vmcs, u64 value) noexcept;

// After each change of the guest's CR0 or of rm.zero_page.
void follow_paging(RmGuest& rm, Vmcs& vmcs) noexcept;

// First thing at an exit, which began at `exit_start`. True: PE and PG were not the guest's and are
// again.
[[nodiscard]] bool repair_mode(Cpu& cpu, Vmcs& vmcs, u64 exit_start) noexcept;

// Whether an exit that came with a repair is nothing but the damage: the guest just goes on.
[[nodiscard]] bool is_rsm_damage(u32 raw_reason, Vmcs& vmcs) noexcept;

}  // namespace rmv
