// SPDX-License-Identifier: GPL-2.0-only
//
// Linear to guest-physical addresses, by the guest's own page tables.
#pragma once

#include <cstdint>
#include <variant>

#include "fault.hpp"
#include "lib/guest_bus.hpp"
#include "lib/vcpu_state.hpp"

namespace rmguest {

// What a translation is for. A debugger's look changes no accessed or dirty bits and has every
// right.
enum class Access { read, write, look };

// The physical address, or the page fault that the access gives. 32-bit, PAE, 4- and 5-level
// paging. Not looked at: protection keys, reserved bits, and that a CPU keeps the PDPTEs of PAE
// paging since CR3 was loaded.
[[nodiscard]] std::variant<std::uint64_t, Fault> translate(const VcpuState& state, GuestBus& bus,
                                                           std::uint64_t linear, Access access);

}  // namespace rmguest
