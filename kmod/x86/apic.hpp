// SPDX-License-Identifier: GPL-2.0-only
// Local APIC registers (SDM: Local APIC Register Address Map) and what stands in them.
#pragma once

#include "x86/types.hpp"

namespace rmv {

// Offsets in the xAPIC page. ISR, TMR and IRR are eight registers each, 10h apart.
enum class ApicRegister : u32 {
    id = 0x20,
    version = 0x30,
    tpr = 0x80,
    arbitration_priority = 0x90,
    ppr = 0xa0,
    eoi = 0xb0,
    remote_read = 0xc0,
    ldr = 0xd0,
    dfr = 0xe0,
    svr = 0xf0,
    isr0 = 0x100,
    tmr0 = 0x180,
    irr0 = 0x200,
    esr = 0x280,
    lvt_cmci = 0x2f0,
    icr_low = 0x300,
    icr_high = 0x310,
    lvt_timer = 0x320,
    lvt_thermal = 0x330,
    lvt_performance = 0x340,
    lvt_lint0 = 0x350,
    lvt_lint1 = 0x360,
    lvt_error = 0x370,
    initial_count = 0x380,
    current_count = 0x390,
    divide_configuration = 0x3e0,
    self_ipi = 0x3f0,  // x2APIC mode only
};

inline constexpr u32 apic_register_stride = 0x10;

// Interrupt Command Register.
inline constexpr u32 icr_delivery_mode_shift = 8;
inline constexpr u32 icr_logical_destination = 1u << 11;
inline constexpr u32 icr_delivery_pending = 1u << 12;
inline constexpr u32 icr_level_assert = 1u << 14;
inline constexpr u32 icr_trigger_level = 1u << 15;
inline constexpr u32 icr_shorthand_shift = 18;
inline constexpr u32 icr_high_destination_shift = 24;

enum class DeliveryMode : u32 {
    fixed = 0,
    lowest_priority = 1,
    smi = 2,
    nmi = 4,
    init = 5,
    startup = 6,
    ext_int = 7,
};

enum class Shorthand : u32 { none = 0, self = 1, all = 2, all_but_self = 3 };

// Local vector table.
inline constexpr u32 lvt_vector_mask = 0xff;
inline constexpr u32 lvt_masked = 1u << 16;
inline constexpr u32 lvt_timer_mode_shift = 17;

enum class TimerMode : u32 { one_shot = 0, periodic = 1, tsc_deadline = 2, reserved = 3 };

// Error Status Register.
enum class ApicError : u32 {
    send_illegal_vector = 1u << 5,
    receive_illegal_vector = 1u << 6,
};

inline constexpr u32 svr_enabled = 1u << 8;
// SDM: Valid Interrupt Vectors.
inline constexpr u8 first_valid_vector = 16;

// IA32_APIC_BASE
enum class ApicBase : u64 { bootstrap = bit(8), x2apic = bit(10), enabled = bit(11) };
inline constexpr u64 apic_base_default = 0xfee00000;

}  // namespace rmv
