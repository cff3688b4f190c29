// SPDX-License-Identifier: GPL-2.0-only
// Event injection and what belongs to it (SDM: VM-Entry Controls for Event Injection; Event
// Injection; Information for VM Exits During Event Delivery).
#pragma once

#include "exit/context.hpp"
#include "vmx/interruption.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

inline constexpr u32 instruction_shadow =
    static_cast<u32>(mask(Interruptibility::blocking_by_sti, Interruptibility::blocking_by_mov_ss));

static_assert(instruction_shadow == INSTRUCTION_SHADOW);

// Every entry uses the injection field up: the CPU clears its valid bit at the exit.
void inject_exception(Vmcs& vmcs, Vector vector) noexcept;
// In real mode (CR0.PE = 0) an exception has no error code, and hardware refuses one.
void inject_exception_with_code(Vmcs& vmcs, Vector vector, u32 error_code, bool real_mode) noexcept;
void inject_nmi(Vmcs& vmcs) noexcept;

void inject_interrupt(Vmcs& vmcs, u8 vector) noexcept;

// The two exceptions that a handler answers with: #UD, and #GP(0) by the guest's mode (see above).
[[nodiscard]] Action undefined_instruction(Vmcs& vmcs) noexcept;
[[nodiscard]] Action general_protection(Vmcs& vmcs) noexcept;

// A debug trap that the next entry delivers, unless it injects something else: that would lose it
// (SDM: Delivery of Pending Debug Exceptions after VM Entry).
[[nodiscard]] bool debug_trap_is_next(Vmcs& vmcs) noexcept;

// An event whose delivery the exit interrupted is delivered again by the next entry; without this
// it would be lost. Does nothing if there was none.
void reinject_vectored_event(Vmcs& vmcs) noexcept;

// What the end of an instruction brings about that was done for the guest: STI and MOV-SS blocking
// ends, and it traps if RFLAGS.TF is set.
void end_of_instruction(Vmcs& vmcs) noexcept;
// RIP past the instruction that exited, and its end.
void skip_instruction(Vmcs& vmcs) noexcept;

}  // namespace rmv
