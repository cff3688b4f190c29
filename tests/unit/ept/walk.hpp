// SPDX-License-Identifier: GPL-2.0-only
// Reads page tables as hardware does, bit by bit from the manual and apart from the code under
// test: EPT entries and those of ordinary paging have the same tree, present bits and page-size
// bit.
#pragma once

#include <functional>

#include "abi.h"
#include "x86/types.hpp"

namespace test {

using rmv::u64;

struct Walk {
    u64 present_bits;  // an entry with one of them is present
    u64 root;
    unsigned levels;

    struct Leaf {
        u64 address = 0;  // that it translates
        u64 entry = 0;    // 0: hole
        unsigned level = 0;
        [[nodiscard]] u64 size() const { return u64{1} << (12 + 9 * (level - 1)); }
        [[nodiscard]] u64 phys() const { return entry & 0x000ffffffffff000; }
    };

    [[nodiscard]] Leaf find(u64 address) const {
        u64 table = root;
        for (unsigned level = levels;; --level) {
            const u64 entry = read(table, (address >> (12 + 9 * (level - 1))) & 511);
            if (!(entry & present_bits)) return {address, 0, level};
            if (level == 1 || (entry & 0x80)) return {address, entry, level};
            table = entry & 0x000ffffffffff000;
        }
    }

    // Physical addresses of all tables.
    void each_table(const std::function<void(u64)>& visit) const {
        each_table_in(root, levels, visit);
    }

    // All leaves, by address.
    void each(const std::function<void(const Leaf&)>& visit) const {
        each_in(root, levels, 0, visit);
    }

private:
    static u64 read(u64 table, u64 index) {
        return static_cast<const u64*>(shim_phys_to_virt(table))[index];
    }

    void each_table_in(u64 table, unsigned level, const std::function<void(u64)>& visit) const {
        visit(table);
        for (u64 i = 0; level > 1 && i < 512; ++i) {
            const u64 entry = read(table, i);
            if ((entry & present_bits) && !(entry & 0x80))
                each_table_in(entry & 0x000ffffffffff000, level - 1, visit);
        }
    }

    void each_in(u64 table, unsigned level, u64 base,
                 const std::function<void(const Leaf&)>& visit) const {
        for (u64 i = 0; i < 512; ++i) {
            const u64 address = base + (i << (12 + 9 * (level - 1)));
            const u64 entry = read(table, i);
            if (!(entry & present_bits)) continue;
            if (level == 1 || (entry & 0x80))
                visit({address, entry, level});
            else
                each_in(entry & 0x000ffffffffff000, level - 1, address, visit);
        }
    }
};

[[nodiscard]] inline Walk walk_ept(u64 ept_pointer) {
    return {.present_bits = 7,
            .root = ept_pointer & ~u64{0xfff},
            .levels = static_cast<unsigned>((ept_pointer >> 3) & 7) + 1};
}

[[nodiscard]] inline Walk walk_cr3(u64 cr3, unsigned levels) {
    return {.present_bits = 1, .root = cr3, .levels = levels};
}

}  // namespace test
