// SPDX-License-Identifier: GPL-2.0-only
// The VM-execution, exit and entry controls of a real-mode guest.
#pragma once

#include "vmx/controls.hpp"
#include "vmx/vmcs.hpp"
#include "x86/result.hpp"

namespace rmv {

struct GuestControls {
    ControlSet pin, primary, secondary, exit, entry;
};

[[nodiscard]] GuestControls guest_controls(const visor_cpu_facts& facts) noexcept;

// VISOR_NO_CONTROL with the capability MSR and the bits, if the CPU lacks a required control.
[[nodiscard]] Status check_controls(const GuestControls& controls) noexcept;

void write_controls(Vmcs& vmcs, const GuestControls& controls) noexcept;

}  // namespace rmv
