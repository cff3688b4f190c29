// SPDX-License-Identifier: GPL-2.0-only
// Entries of the page tables that root itself runs on: 4-KiB pages, supervisor only.
//
// Source: Intel SDM volume 3, "4-Level Paging and 5-Level Paging", "Memory Typing" of paging.
#pragma once

#include "x86/types.hpp"

namespace rmv {

enum class RootPage : u8 { text, rodata, data, device };

enum class PagingBit : u64 {
    present = bit(0),
    writable = bit(1),
    write_through = bit(3),
    cache_disable = bit(4),
    accessed = bit(5),
    dirty = bit(6),
    execute_disable = bit(63),
};

// Policy of PageTable. Accessed and dirty are set from the start: no page walk of root ever writes
// its tables. Nothing is global: root shares VPID 0 with Linux outside VMX.
struct RootEntry {
    // All bits but the address; they are the same in every leaf of one kind.
    using Attributes = RootPage;

    [[nodiscard]] static constexpr bool is_present(u64 entry) noexcept {
        return has(entry, PagingBit::present);
    }
    [[nodiscard]] static constexpr bool is_leaf(u64, unsigned level) noexcept { return level == 1; }
    [[nodiscard]] static constexpr u64 address(u64 entry) noexcept { return entry & address_mask; }
    [[nodiscard]] static constexpr RootPage attributes(u64 entry) noexcept {
        if (has(entry, PagingBit::cache_disable)) return RootPage::device;
        if (has(entry, PagingBit::writable)) return RootPage::data;
        return has(entry, PagingBit::execute_disable) ? RootPage::rodata : RootPage::text;
    }
    [[nodiscard]] static constexpr u64 make_table(u64 phys) noexcept {
        return phys | mask(PagingBit::present, PagingBit::writable, PagingBit::accessed);
    }
    [[nodiscard]] static constexpr u64 make_leaf(u64 phys, unsigned, RootPage kind) noexcept {
        return phys | mask(PagingBit::present, PagingBit::accessed, PagingBit::dirty) |
               rights(kind);
    }

private:
    static constexpr u64 address_mask = bit(52) - page_size;

    // Memory types by PAT index: root's IA32_PAT has write-back in PA0 and uncacheable in PA3.
    [[nodiscard]] static constexpr u64 rights(RootPage kind) noexcept {
        switch (kind) {
            case RootPage::text: return 0;
            case RootPage::rodata: return mask(PagingBit::execute_disable);
            case RootPage::data: return mask(PagingBit::writable, PagingBit::execute_disable);
            case RootPage::device:
                return mask(PagingBit::writable, PagingBit::execute_disable,
                            PagingBit::cache_disable, PagingBit::write_through);
        }
        return mask(PagingBit::execute_disable);
    }
};

}  // namespace rmv
