// SPDX-License-Identifier: GPL-2.0-only
// One VM exit while it is handled, and what a handler can decide about it.
#pragma once

#include "exit/qualification.hpp"
#include "exit/reason.hpp"
#include "vmx/controls.hpp"
#include "vmx/entry.hpp"
#include "vmx/vmcs.hpp"
#include "x86/segment.hpp"

namespace rmv {

// What is done about an exit. There is no "nothing": an exit that no handler knows is `unhandled`.
enum class Action : u8 {
    resume,     // enter again at the same instruction
    skip,       // the instruction was done for the guest: RIP moves past it
    inject,     // an event was set up for the next entry
    leave,      // Linux asked this CPU to leave VMX operation
    stop,       // the real-mode guest stops; its owner decides
    park,       // the CPU stays in root and waits for commands
    unhandled,  // nobody has an answer
};

struct ExitContext {
    Cpu& cpu;
    rmv_gprs& gprs;
    // The TSC at the exit, 0 when nothing is recorded: all that recording costs then.
    u64 start = cpu.watch == 0 ? 0 : insn::rdtsc();
    Vmcs vmcs{};
    // As they were at the exit, for the trace: a handler may put results into them.
    u32 rax_at_exit = low32(gprs.rax);
    u32 rcx_at_exit = low32(gprs.rcx);
    u32 rdx_at_exit = low32(gprs.rdx);

    // A general register of the guest by its number. RSP lives in the VMCS.
    [[nodiscard]] u64 read_register(GeneralRegister reg) noexcept {
        return reg == GeneralRegister::rsp ? vmcs.read<Field::guest_rsp>()
                                           : (&gprs.rax)[static_cast<u32>(reg)];
    }

    void write_register(GeneralRegister reg, u64 value) noexcept {
        if (reg == GeneralRegister::rsp)
            vmcs.write<Field::guest_rsp>(value);
        else
            (&gprs.rax)[static_cast<u32>(reg)] = value;
    }
};

// The CPL, which is SS.DPL (SDM: Guest Register State).
[[nodiscard]] inline u8 privilege_level(Vmcs& vmcs) noexcept {
    return static_cast<u8>(bits(vmcs.read<Field::guest_ss_access_rights>(),
                                access_rights_dpl_shift + 1, access_rights_dpl_shift));
}

static_assert(offsetof(rmv_gprs, r15) == 15 * sizeof(u64), "registers in encoding order");

}  // namespace rmv
