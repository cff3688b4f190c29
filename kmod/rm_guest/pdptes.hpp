// SPDX-License-Identifier: GPL-2.0-only
// PAE paging needs the four page-directory-pointer-table entries, which lie in guest memory (SDM:
// PDPTE Registers). With EPT a guest in PAE paging loads them itself. Where root takes it there
// (MOV to CR0 or CR4 that exits, SET_STATE) the guest stops, the shim reads the 32 bytes, and RUN
// brings them.
#pragma once

#include "exit/context.hpp"
#include "x86/result.hpp"

namespace rmv {

// An instruction turns PAE paging on. Action::skip: the entries for `cr3` are in the VMCS, go on
// with it. Action::stop: they are fetched, and the instruction is then executed again.
[[nodiscard]] Action need_pdptes(ExitContext& exit, u64 cr3, visor_stop& stop) noexcept;

// SET_STATE has put the guest into PAE paging: they are needed before the next entry.
void need_pdptes_at_entry(RmGuest& rm, u64 cr3) noexcept;
[[nodiscard]] inline bool pdptes_are_missing(const RmGuest& rm) noexcept {
    return rm.pdptes.step == PdpteStep::for_entry;
}
[[nodiscard]] visor_stop pdptes_stop(const RmGuest& rm) noexcept;

// RUN: the shim has read them, or found no memory there. For an instruction, what the architecture
// refuses is #GP(0); for SET_STATE, VM entry refuses it by name.
void take_pdptes(RmGuest& rm, Vmcs& vmcs, const visor_run_args& args) noexcept;
inline void complete_pdptes(RmGuest& rm, Vmcs& vmcs, const visor_run_args& args) noexcept {
    if (rm.pdptes.step != PdpteStep::none) take_pdptes(rm, vmcs, args);
}

}  // namespace rmv
