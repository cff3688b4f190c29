// SPDX-License-Identifier: GPL-2.0-only
//
// Completes an instruction of a guest whose access to memory the CPU could not make, because a
// device is there, or nothing.
//
// Done: MOV, MOVZX, MOVSX, MOVSXD, MOVBE, MOVNTI; ADD to CMP, TEST, INC, DEC, NEG, NOT; shifts and
// rotates; MUL, IMUL, DIV, IDIV; BT and its kind, BSF, BSR, TZCNT, LZCNT, POPCNT; XCHG, XADD,
// CMPXCHG, CMPXCHG8B, CMPXCHG16B; MOVS, STOS, LODS, CMPS, SCAS with their prefixes; PUSH, POP, near
// JMP and CALL; SETcc, CMOVcc; in 16-, 32- and 64-bit code; LDS to LGS and segment loads in real
// mode. What is missing (x87, SSE, AVX, string port I/O, far branches, ...) is refused by name.
//
// A LOCK prefix locks nothing: devices of user space have no bus to lock.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "fault.hpp"
#include "lib/error.hpp"
#include "lib/guest_bus.hpp"
#include "lib/vcpu_state.hpp"

namespace rmguest {

struct EmulationRequest {
    // At CS:RIP; when there are none, they are read from the guest's memory.
    std::span<const std::uint8_t> bytes = {};
    // Guest-physical address at which the CPU's access failed. An instruction that does not reach
    // that page is refused: the access was then not its own (an interrupt's frame, a page table).
    std::optional<std::uint64_t> physical = {};
    // After so many iterations a repeated string instruction pauses.
    std::uint64_t most_iterations = 4096;
};

enum class EmulationEnd {
    completed,    // RIP is past the instruction
    paused,       // a repeated string instruction has more to do; RIP is still there
    faulted,      // `fault` is to be injected; RIP is at the instruction
    unsupported,  // nothing has changed; `error` says what is missing
};

struct EmulationResult {
    EmulationEnd end;
    std::optional<Fault> fault = {};
    bool single_step = false;  // TF was set: #DB is to be injected after it (DR6.BS)
    std::optional<Error> error = {};
};

// Changes `state` as the CPU would have, and memory and devices through `bus`.
[[nodiscard]] EmulationResult emulate(VcpuState& state, GuestBus& bus,
                                      const EmulationRequest& request);

}  // namespace rmguest
