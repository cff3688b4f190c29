// SPDX-License-Identifier: GPL-2.0-only
//
// Executes one instruction of 64-bit code on this very CPU, with chosen registers and flags.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace rmguest {

struct NativeState {
    std::array<std::uint64_t, 16>
        general;  // by the numbers of instructions: RAX, RCX, RDX, RBX, ...
    std::uint64_t flags;
    std::uint64_t host_stack;
};

// The thunk and its state lie below 2 GiB, so that 32-bit addresses reach them. The instruction
// must not fault, branch, or change DF or TF.
class NativeCpu {
public:
    NativeCpu();
    ~NativeCpu();
    NativeCpu(const NativeCpu&) = delete;
    NativeCpu& operator=(const NativeCpu&) = delete;

    // Below 2 GiB and there for the test's data, RSP included.
    [[nodiscard]] std::span<std::uint8_t> data();
    void execute(std::span<const std::uint8_t> instruction, NativeState& state);

private:
    struct Block;
    Block* block_;
};

}  // namespace rmguest
