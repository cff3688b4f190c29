// SPDX-License-Identifier: GPL-2.0-only
//
// Accesses of a guest to addresses at which it has no memory.
#pragma once

#include "guest_bus.hpp"
#include "vcpu.hpp"

namespace rmguest {

// KVM_EXIT_MMIO: the kernel has decoded the access, and completes the instruction.
void complete_decoded_access(kvm_run& page, GuestBus& bus);

// Whether an internal error is rmvisor's way to say that an instruction is to be completed by user
// space.
[[nodiscard]] bool is_access_to_emulate(const kvm_run& page, bool is_rmvisor);

// Completes the instruction, or a part of it, and sets the vCPU's registers; the vCPU can be
// entered again. An error says why it can't be done.
[[nodiscard]] Outcome complete_by_emulation(Vcpu& vcpu, GuestBus& bus);

}  // namespace rmguest
