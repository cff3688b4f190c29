// SPDX-License-Identifier: GPL-2.0-only
// The way out of VMX operation, in two steps.
//
// GS, GDT, TR and IDT change hands on the way out, and an NMI between two of these would run one
// side's handler in the other side's world. So NMIs have to be blocked, and root has no instruction
// for that. begin_leave() arms one more VM entry with blocking by NMI set and a preemption timer of
// 0: its exit comes before any instruction of Linux and leaves NMIs blocked. visor_finish_leave(),
// reached from entry.S, then restores Linux's world; its IRETQ unblocks NMIs.
#pragma once

#include "vmx/entry.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

// Linux's VMCS is current. Returns what the exit handler returns: enter once more, or, if the VMCS
// can't be used any more, leave at once.
[[nodiscard]] Next begin_leave(Cpu& cpu, Vmcs& vmcs) noexcept;

// For a VMCS that can't be entered: NMIs blocked by an NMI of our own, which root's handler takes
// and never returns from by IRET. Linux gets one NMI too many, rather than one too few; the
// shim claims it (public part: own_nmis).
void block_nmis_without_entry(Cpu& cpu) noexcept;

// An NMI that waits for injection is Linux's after the leave instead: delivered by the last entry,
// it would have Linux's handler begin with NMIs unblocked, which its first instructions can't
// stand.
void take_back_nmi(Cpu& cpu, Vmcs& vmcs) noexcept;

}  // namespace rmv
