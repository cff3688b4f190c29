// SPDX-License-Identifier: GPL-2.0-only
// A snapshot of one CPU's memory-type range registers, and the type that they give to memory.
//
// Source: Intel SDM volume 3, "Memory Type Range Registers (MTRRs)", "MTRR Precedences",
// "System-Management Range Register Interface".
#pragma once

#include <array>
#include <optional>

#include "x86/memory_type.hpp"
#include "x86/smm.hpp"
#include "x86/types.hpp"

namespace rmv {

class Mtrr {
public:
    constexpr Mtrr() noexcept = default;

    // Reads this CPU's registers. Migration must be disabled, and Linux must not be changing MTRRs.
    // `physical_bits` is MAXPHYADDR.
    [[nodiscard]] static Mtrr read(unsigned physical_bits) noexcept;

    // The type of the 4-KiB page that holds `address`.
    [[nodiscard]] MemoryType type(u64 address) const noexcept;

    // The one type of all pages of a block, or nothing if they differ. `size` is a power of two
    // and not below a page, `base` is a multiple of it.
    [[nodiscard]] std::optional<MemoryType> uniform_type(u64 base, u64 size) const noexcept;

    // What the SMRRs hide.
    [[nodiscard]] Smram smram() const noexcept;

private:
    // A pair of PHYSBASE and PHYSMASK without their other bits. An address is in the range if it
    // equals base in all bits of the mask. The mask may have holes ("Range Size and Alignment"), so
    // a range need not be contiguous.
    struct Range {
        u64 physbase = 0;
        u64 mask = 0;

        [[nodiscard]] constexpr u64 base() const noexcept { return physbase & ~page_mask; }
        [[nodiscard]] constexpr MemoryType type() const noexcept {
            return decode_memory_type(physbase);
        }
    };
    enum class Cover : u8 { none, partial, full };

    // MSR numbers leave room for so many PHYSBASE/PHYSMASK pairs below the fixed-range registers.
    static constexpr unsigned range_limit = 40;
    static constexpr unsigned fixed_count = 88;

    void read_ranges(unsigned count, u64 physical_mask) noexcept;
    void read_fixed() noexcept;
    void read_smrr(u64 physical_mask) noexcept;
    void add_fixed(unsigned& index, u32 msr) noexcept;

    [[nodiscard]] static Cover cover(const Range& range, u64 base, u64 size) noexcept;
    [[nodiscard]] static unsigned fixed_index(u64 address) noexcept;
    // The block's type if no range's border in it can matter.
    [[nodiscard]] std::optional<MemoryType> plain_type(u64 base, u64 size) const noexcept;
    [[nodiscard]] std::optional<MemoryType> variable_type(u64 base, u64 size) const noexcept;

    std::array<Range, range_limit> ranges_{};
    std::array<MemoryType, fixed_count> fixed_{};
    Range smrr_{};
    unsigned range_count_ = 0;
    bool has_smrr_ = false;
    bool has_fixed_ = false;  // and they are enabled
    MemoryType default_ = MemoryType::uncacheable;
};

}  // namespace rmv
