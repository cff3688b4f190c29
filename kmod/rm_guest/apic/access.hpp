// SPDX-License-Identifier: GPL-2.0-only
// The guest reads and writes registers of its APIC: by MSR in x2APIC mode, by memory in xAPIC mode,
// where hardware has already put the value into the page when root hears of it.
#pragma once

#include "rm_guest/apic/local_apic.hpp"

namespace rmv::apic {

// What is left to do after a write.
enum class Written : u8 {
    done,
    send,   // the ICR, or the self-IPI register as an ICR value: see icr.hpp
    fault,  // #GP(0), x2APIC mode only; nothing was changed
};

struct WriteResult {
    Written outcome;
    u64 icr;  // for `send`, in the layout of x2APIC mode

    friend constexpr bool operator==(const WriteResult&, const WriteResult&) = default;
};

inline constexpr u32 x2apic_msr_first = 0x800, x2apic_msr_last = 0x8ff;

[[nodiscard]] constexpr bool is_x2apic_msr(u32 msr) noexcept {
    return msr >= x2apic_msr_first && msr <= x2apic_msr_last;
}

// MSR 800h to 8FFh. Empty: #GP(0), also because the APIC is not in x2APIC mode.
[[nodiscard]] std::optional<u64> read_msr(const LocalApic& apic, u32 msr, u64 now) noexcept;
[[nodiscard]] WriteResult write_msr(LocalApic& apic, u32 msr, u64 value, u64 now) noexcept;

// xAPIC mode: the page has the written value at `offset`. Never a fault. Bits that can't be written
// read back as they should afterwards.
[[nodiscard]] WriteResult written_to_page(LocalApic& apic, u32 offset, u64 now) noexcept;

// A register as the guest would read it in this mode, PPR and current count included.
[[nodiscard]] u32 read_register(const LocalApic& apic, ApicRegister reg, u64 now) noexcept;

}  // namespace rmv::apic
