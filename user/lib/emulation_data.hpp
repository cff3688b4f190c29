// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <linux/kvm.h>

#include <cstdint>
#include <optional>
#include <span>

namespace rmguest {

// What rmvisor puts into kvm_run.internal.data of KVM_INTERNAL_ERROR_EMULATION (and KVM, as far as
// the reason and its qualification go).
struct EmulationData {
    std::uint32_t reason;
    std::uint64_t qualification, physical, linear;
    std::uint32_t interruption;
};

// KVM's struct for instruction bytes, where the device gives them.
[[nodiscard]] std::span<const std::uint8_t> instruction_bytes(const kvm_run& page);

// Nothing if there are fewer data than that. They lie behind the flags and the bytes, if any.
[[nodiscard]] std::optional<EmulationData> emulation_data(const kvm_run& page);

}  // namespace rmguest
