// SPDX-License-Identifier: GPL-2.0-only
// What the visor requires of a CPU: the control words of both kinds of guest, required and optional
// bits side by side, and the pre-flight that checks them (border functions in abi.h).
#pragma once

#include "vmx/controls.hpp"
#include "x86/result.hpp"

namespace rmv {

// Required and wanted-if-present bits of one control word.
struct ControlNeeds {
    u64 required;
    u64 optional;
};

struct LinuxControls {
    ControlNeeds pin, primary, secondary, exit, entry;
};

// Linux needs no exits: what is optional here is what Linux may use once it has seen it in CPUID.
inline constexpr LinuxControls linux_controls = {
    .pin = {0, 0},
    .primary = {mask(Primary::msr_bitmaps, Primary::secondary_controls), 0},
    .secondary = {mask(Secondary::ept, Secondary::vpid),
                  mask(Secondary::rdtscp, Secondary::invpcid, Secondary::xsaves,
                       Secondary::user_wait_pause, Secondary::pconfig)},
    .exit = {mask(ExitControl::save_debug_controls, ExitControl::host_address_space_size,
                  ExitControl::save_pat, ExitControl::load_pat, ExitControl::save_efer,
                  ExitControl::load_efer),
             0},
    .entry = {mask(EntryControl::load_debug_controls, EntryControl::ia32e_mode_guest,
                   EntryControl::load_pat, EntryControl::load_efer),
              0},
};

// Must-be-1 bits of the non-TRUE capabilities that the TRUE ones let go of: exits that Linux's
// guest never wants (SDM appendix A: Reserved Controls and Default Settings).
inline constexpr u64 linux_primary_cleared =
    mask(Primary::cr3_load_exiting, Primary::cr3_store_exiting);

// Facts about the physical CPU that are checked by name, each with its refusal.
[[nodiscard]] Status check_facts(const visor_cpu_facts& facts) noexcept;

// A control word against what the CPU allows, or which capability MSR lacks which bits.
[[nodiscard]] Result<u32> control_word(u64 capability, const ControlNeeds& needs, u32 msr) noexcept;

}  // namespace rmv
