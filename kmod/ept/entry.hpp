// SPDX-License-Identifier: GPL-2.0-only
// An entry of an EPT paging structure.
//
// Source: Intel SDM volume 3, "EPT Translation Mechanism".
#pragma once

#include "x86/memory_type.hpp"
#include "x86/types.hpp"

namespace rmv {

enum class EptAccess : u64 {
    read = bit(0),
    write = bit(1),
    execute = bit(2),
};

inline constexpr u64 ept_rwx = mask(EptAccess::read, EptAccess::write, EptAccess::execute);
inline constexpr u64 ept_rx = mask(EptAccess::read, EptAccess::execute);
inline constexpr u64 ept_r = mask(EptAccess::read);

struct EptAttributes {
    u64 access;  // mask of EptAccess
    MemoryType type;

    friend constexpr bool operator==(const EptAttributes&, const EptAttributes&) = default;
};

class EptEntry {
public:
    constexpr explicit EptEntry(u64 word) noexcept : word_{word} {}

    // Points to the table at `phys`; rights are the leaf's business.
    [[nodiscard]] static constexpr EptEntry table(u64 phys) noexcept {
        return EptEntry{phys | ept_rwx};
    }
    // Maps memory. The guest's PAT still counts (ignore-PAT is clear): "EPT and Memory Typing".
    [[nodiscard]] static constexpr EptEntry leaf(u64 phys, unsigned level,
                                                 EptAttributes attributes) noexcept {
        return EptEntry{phys | attributes.access |
                        (static_cast<u64>(attributes.type) << type_shift) |
                        (level > 1 ? large_page : 0)};
    }

    [[nodiscard]] constexpr u64 word() const noexcept { return word_; }
    [[nodiscard]] constexpr bool is_present() const noexcept { return (word_ & ept_rwx) != 0; }
    [[nodiscard]] constexpr bool is_leaf(unsigned level) const noexcept {
        return level == 1 || (word_ & large_page) != 0;
    }
    [[nodiscard]] constexpr u64 address() const noexcept { return word_ & address_mask; }
    [[nodiscard]] constexpr EptAttributes attributes() const noexcept {
        return {word_ & ept_rwx, decode_memory_type(bits(word_, type_shift + 2, type_shift))};
    }

private:
    static constexpr unsigned type_shift = 3;
    static constexpr u64 large_page = bit(7);
    static constexpr u64 address_mask = bit(52) - page_size;

    u64 word_;
};

static_assert(EptEntry::leaf(0x4000'0000, 3, {ept_rwx, MemoryType::write_back}).word() ==
              0x4000'00b7);
static_assert(EptEntry::leaf(0xfee0'0000, 1, {ept_r, MemoryType::uncacheable}).word() ==
              0xfee0'0001);

// Policy of PageTable.
struct EptPolicy {
    using Attributes = EptAttributes;

    [[nodiscard]] static constexpr bool is_present(u64 word) noexcept {
        return EptEntry{word}.is_present();
    }
    [[nodiscard]] static constexpr bool is_leaf(u64 word, unsigned level) noexcept {
        return EptEntry{word}.is_leaf(level);
    }
    [[nodiscard]] static constexpr u64 address(u64 word) noexcept {
        return EptEntry{word}.address();
    }
    [[nodiscard]] static constexpr EptAttributes attributes(u64 word) noexcept {
        return EptEntry{word}.attributes();
    }
    [[nodiscard]] static constexpr u64 make_table(u64 phys) noexcept {
        return EptEntry::table(phys).word();
    }
    [[nodiscard]] static constexpr u64 make_leaf(u64 phys, unsigned level,
                                                 EptAttributes attributes) noexcept {
        return EptEntry::leaf(phys, level, attributes).word();
    }
};

// Bits of guest-physical address that a 4-level walk translates.
inline constexpr unsigned ept_levels = 4;
inline constexpr unsigned ept_address_bits = 48;

}  // namespace rmv
