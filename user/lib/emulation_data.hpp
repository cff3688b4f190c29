// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace rmguest {

// What rmvisor puts into kvm_run.internal.data of KVM_INTERNAL_ERROR_EMULATION (and KVM, as far as
// the reason goes).
enum EmulationData : std::uint32_t {
    emulation_reason = 1,
    emulation_qualification = 2,
    emulation_physical = 3,
    emulation_linear = 4,
    emulation_interruption = 5,
    emulation_count = 6,
};

}  // namespace rmguest
