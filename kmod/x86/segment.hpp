// SPDX-License-Identifier: GPL-2.0-only
// Segment selectors, descriptors and access rights.
#pragma once

#include "x86/types.hpp"

namespace rmv {

// Access rights in the VMCS's format (SDM: Guest Register State, Format of Access Rights).
enum class AccessRights : u32 {
    type_accessed = 1u << 0,
    type_writable = 1u << 1,  // data; readable for code
    type_code = 1u << 3,
    code_or_data = 1u << 4,
    present = 1u << 7,
    long_mode = 1u << 13,
    default_32 = 1u << 14,
    granularity = 1u << 15,
    unusable = 1u << 16,
};

inline constexpr u32 access_rights_dpl_shift = 5;
inline constexpr u32 access_rights_type_mask = 0xf;

// LAR gives the descriptor's second dword masked with 00FxFF00h; the VMCS wants it moved down.
inline constexpr u32 lar_shift = 8;
inline constexpr u32 lar_mask = 0xf0ff;

enum class SystemType : u32 { ldt = 0x2, tss16_busy = 0x3, tss_available = 0x9, tss_busy = 0xb };

inline constexpr u16 selector_rpl_ti_mask = 0x7;

[[nodiscard]] constexpr u32 selector_index(u16 selector) noexcept { return selector >> 3; }
[[nodiscard]] constexpr bool is_null(u16 selector) noexcept { return (selector & ~u32{0x3}) == 0; }

// A 16-byte system descriptor in IA-32e mode (SDM: TSS Descriptor in 64-bit mode).
struct SystemDescriptor {
    u64 low;
    u64 high;

    [[nodiscard]] constexpr u64 base() const noexcept {
        return bits(low, 39, 16) | (bits(low, 63, 56) << 24) | (high << 32);
    }
};
static_assert(sizeof(SystemDescriptor) == 16);

inline constexpr u64 descriptor_tss_busy_bit = bit(41);

[[nodiscard]] constexpr SystemDescriptor make_tss_descriptor(u64 base, u32 limit,
                                                             SystemType type) noexcept {
    constexpr u64 present = bit(47);
    const u64 low = (limit & 0xffff) | (bits(base, 23, 0) << 16) | (static_cast<u64>(type) << 40) |
                    present | (bits(base, 31, 24) << 56);
    return {low, base >> 32};
}

// Flat 64-bit ring-0 code and data descriptors, accessed.
inline constexpr u64 descriptor_code64 = 0x00af9b000000ffff;
inline constexpr u64 descriptor_data = 0x00cf93000000ffff;

}  // namespace rmv
