// SPDX-License-Identifier: GPL-2.0-only
//
// Segment and offset to a linear address, with the checks of segmentation.
#pragma once

#include <cstdint>
#include <variant>

#include "fault.hpp"
#include "paging.hpp"

namespace rmguest {

enum class Segment { es, cs, ss, ds, fs, gs };

[[nodiscard]] const kvm_segment& segment_register(const kvm_sregs& system, Segment segment);
[[nodiscard]] kvm_segment& segment_register(kvm_sregs& system, Segment segment);

// The linear address, or #GP or #SS. SDM: Limit Checking; Type Checking; Canonical Addressing.
[[nodiscard]] std::variant<std::uint64_t, Fault> linear_address(const VcpuState& state,
                                                                Segment segment,
                                                                std::uint64_t offset, unsigned size,
                                                                Access access);

}  // namespace rmguest
