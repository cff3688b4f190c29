// SPDX-License-Identifier: GPL-2.0-only
//
// Memory by linear address, for one instruction.
#pragma once

#include <optional>

#include "paging.hpp"

namespace rmguest {

// The first fault stays: after it, reads give 0 and writes do nothing, so that an instruction's
// work can be written down without a check after every access. Accesses are of 1 to 8 bytes and may
// cross a page; a write that crosses changes nothing when one of its pages faults.
class LinearMemory {
public:
    LinearMemory(const VcpuState& state, GuestBus& bus) : state_(state), bus_(bus) {}

    // With Access::write, the address will be written too, so that it faults before it is read.
    [[nodiscard]] std::uint64_t read(std::uint64_t linear, unsigned size,
                                     Access access = Access::read);
    void write(std::uint64_t linear, unsigned size, std::uint64_t value);
    // Faults as a write would.
    void probe_write(std::uint64_t linear, unsigned size);
    // For faults that come before memory is touched, such as a segment's limit.
    void raise(const Fault& fault);

    [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }

private:
    struct Piece {
        std::uint64_t physical;
        unsigned size;
    };
    struct Pieces {
        Piece first;
        Piece second;  // of size 0 when the range does not cross a page
    };
    [[nodiscard]] std::optional<std::uint64_t> physical(std::uint64_t linear, Access access);
    [[nodiscard]] std::optional<Pieces> split(std::uint64_t linear, unsigned size, Access access);
    [[nodiscard]] std::uint64_t read_piece(const Piece& piece);
    void write_piece(const Piece& piece, std::uint64_t value);

    const VcpuState& state_;
    GuestBus& bus_;
    std::optional<Fault> fault_;
};

}  // namespace rmguest
