// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/instruction.hpp"

#include "exit/event.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

namespace {

// Guest pending debug exceptions (SDM: Guest Non-Register State).
constexpr u64 pending_single_step = bit(14);

}  // namespace

void finish_instruction(Vmcs& vmcs) noexcept {
    skip_instruction(vmcs);
    // DEBUGCTL.BTF, which would ask for less, can't be set by the guest.
    if (has(vmcs.read<Field::guest_rflags>(), Rflags::tf)) {
        const u64 pending = vmcs.read<Field::guest_pending_debug>();
        vmcs.write<Field::guest_pending_debug>(pending | pending_single_step);
    }
}

}  // namespace rmv
