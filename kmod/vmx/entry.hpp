// SPDX-License-Identifier: GPL-2.0-only
// What entry.S offers, and what it calls. The contracts stand there.
#pragma once

#include "vmx/cpu.hpp"

namespace rmv {

// What entry.S does after a handler: enter the current guest, or leave VMX operation.
enum class Next : u32 { enter = 0, leave = 1 };

// The stack at visor_handle_fault().
struct FaultFrame {
    u64 vector;
    u64 error_code;
    u64 rip, cs, rflags, rsp, ss;
};
static_assert(sizeof(FaultFrame) == 56);

// The frame above the saved general registers, filled by visor_finish_leave() for IRETQ.
struct ReturnFrame {
    u64 rip, cs, rflags, rsp, ss;
};

struct Fixup {
    u64 instruction;
    u64 target;
};

}  // namespace rmv

extern "C" {

// entry.S
rmv::u32 visor_launch_here();
rmv::u64 visor_call(rmv::u64 number, rmv::u64 argument);
void visor_vmexit();
void visor_nmi();
void visor_unblock_nmis();
void visor_quick_begin();
void visor_quick_end();
void visor_quick_pending();
void visor_resume_begin();
void visor_resume_end();
void visor_resume_pending();
extern const rmv::u8 visor_fault_stubs[];
extern const rmv::Fixup visor_fixups_begin[];
extern const rmv::Fixup visor_fixups_end[];
[[nodiscard]] bool visor_safe_rdmsr(rmv::u32 msr, rmv::u64* value);
[[nodiscard]] bool visor_safe_wrmsr(rmv::u32 msr, rmv::u64 value);
[[nodiscard]] bool visor_safe_xsetbv(rmv::u32 xcr, rmv::u64 value);

// Called by entry.S, in root.
rmv::Next visor_handle_exit(rmv_gprs* gprs, rmv::Cpu* cpu);
rmv::Next visor_handle_entry_failure(rmv_gprs* gprs, rmv::Cpu* cpu);
rmv::Next visor_handle_pending(rmv_gprs* gprs, rmv::Cpu* cpu);
rmv::Next visor_handle_fault(rmv::FaultFrame* frame, rmv::Cpu* cpu);
rmv::Next visor_finish_leave(rmv_gprs* gprs, rmv::Cpu* cpu);
}
