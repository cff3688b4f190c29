// SPDX-License-Identifier: GPL-2.0-only
// IN, OUT and their string forms: every one stops the guest.
#pragma once

#include "exit/context.hpp"

namespace rmv {

[[nodiscard]] Action handle_io(ExitContext& exit, visor_stop& stop) noexcept;

// RUN: what the owner did about the IO that stopped the guest. Does nothing if the guest is no
// longer where it stopped.
void complete_io(RmGuest& rm, Vmcs& vmcs, const visor_run_args& args) noexcept;

// The owner has changed registers: an IO stop at another place is not to be completed.
void forget_io_elsewhere(RmGuest& rm, Vmcs& vmcs) noexcept;

// AL, AX or EAX replaced. EAX clears the upper half of RAX, as every write of a 32-bit register.
[[nodiscard]] constexpr u64 merge_input(u64 rax, u8 size, u32 data) noexcept {
    switch (size) {
        case 1: return (rax & ~u64{0xff}) | (data & 0xff);
        case 2: return (rax & ~u64{0xffff}) | (data & 0xffff);
        default: return data;
    }
}

// What OUT sends.
[[nodiscard]] constexpr u32 output_value(u64 rax, u8 size) noexcept {
    switch (size) {
        case 1: return static_cast<u32>(rax & 0xff);
        case 2: return static_cast<u32>(rax & 0xffff);
        default: return low32(rax);
    }
}

}  // namespace rmv
