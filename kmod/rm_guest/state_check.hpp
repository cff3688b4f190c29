// SPDX-License-Identifier: GPL-2.0-only
// What SET_STATE refuses: bits that are not the guest's to set. Everything else is VM entry's
// affair.
#pragma once

#include "rm_guest/state.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

// Changes nothing. The VMCS is the one that the state is meant for.
[[nodiscard]] Status check_state(Vmcs& vmcs, const RmGuest& rm,
                                 const visor_vcpu_state& state) noexcept;

}  // namespace rmv
