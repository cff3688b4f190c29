// SPDX-License-Identifier: GPL-2.0-only
// The tree of 512-entry tables that ordinary paging and EPT have in common. What an entry looks
// like is the policy's; where the pages come from is the shim's.
//
// Set-up code: allocates through shim_alloc_page(), so only files of Linux context include this.
// Every table is linked into the tree before the next one is allocated, so after a failure
// destroy() still finds everything.
#pragma once

#include <concepts>
#include <optional>

#include "x86/atomic.hpp"
#include "x86/result.hpp"
#include "x86/types.hpp"

namespace rmv {

// Levels count from 1, the tables whose entries map 4-KiB pages.
inline constexpr unsigned table_entries = 512;
inline constexpr unsigned level_bits = 9;
inline constexpr unsigned page_shift = 12;

[[nodiscard]] constexpr unsigned level_shift(unsigned level) noexcept {
    return page_shift + level_bits * (level - 1);
}
// Bytes that one entry of that level stands for.
[[nodiscard]] constexpr u64 level_size(unsigned level) noexcept { return bit(level_shift(level)); }
[[nodiscard]] constexpr unsigned level_index(u64 address, unsigned level) noexcept {
    return static_cast<unsigned>(address >> level_shift(level)) & (table_entries - 1);
}

// No CPU has wider physical addresses, and above are bits of other meaning.
inline constexpr unsigned physical_bits_limit = 52;

[[nodiscard]] constexpr bool is_physical_range(u64 phys, u64 bytes) noexcept {
    return bytes <= bit(physical_bits_limit) && phys <= bit(physical_bits_limit) - bytes;
}

static_assert(level_size(1) == page_size);
static_assert(level_size(2) == 0x20'0000 && level_size(3) == 0x4000'0000);
static_assert(level_index(0xffff'8000'0000'0000, 4) == 256);

template <typename Policy>
concept PageTablePolicy = requires(u64 word, unsigned level,
                                   typename Policy::Attributes attributes) {
    // Attributes of a mapping that survive a split into smaller pages.
    { Policy::is_present(word) } -> std::same_as<bool>;
    { Policy::is_leaf(word, level) } -> std::same_as<bool>;
    { Policy::address(word) } -> std::same_as<u64>;
    { Policy::attributes(word) } -> std::same_as<typename Policy::Attributes>;
    { Policy::make_table(word) } -> std::same_as<u64>;
    { Policy::make_leaf(word, level, attributes) } -> std::same_as<u64>;
};

template <PageTablePolicy Policy>
class PageTable {
public:
    using Attributes = typename Policy::Attributes;

    struct Leaf {
        u64 entry;
        unsigned level;
    };

    constexpr PageTable() noexcept = default;
    PageTable(const PageTable&) = delete;
    PageTable& operator=(const PageTable&) = delete;

    // Allocates the root. The object must be empty.
    Status create(unsigned levels) noexcept {
        levels_ = levels;
        return allocate(root_);
    }

    // Frees all tables, not what they map. No CPU may use them any more. Fit for an empty object.
    void destroy() noexcept {
        if (root_ != 0) free_table(root_, levels_);
        root_ = 0;
    }

    [[nodiscard]] constexpr bool is_empty() const noexcept { return root_ == 0; }
    // Physical address of the root.
    [[nodiscard]] constexpr u64 root() const noexcept { return root_; }
    // Pages that hold tables.
    [[nodiscard]] constexpr u64 pages() const noexcept { return pages_; }

    // What maps `address`, if anything does.
    [[nodiscard]] std::optional<Leaf> find(u64 address) const noexcept {
        u64 table = root_;
        for (unsigned level = levels_; table != 0; --level) {
            const u64 entry = entries(table)[level_index(address, level)];
            if (!Policy::is_present(entry)) break;
            if (Policy::is_leaf(entry, level)) return Leaf{entry, level};
            table = Policy::address(entry);
        }
        return std::nullopt;
    }

    // Maps one 4-KiB page, in place of what was there: a bigger page is split first.
    Status map_page(u64 address, u64 phys, Attributes attributes) noexcept {
        u64 table = root_;
        for (unsigned level = levels_; level > 1; --level) RMV_TRY(descend(table, address, level));
        store_release(entries(table)[level_index(address, 1)],
                      Policy::make_leaf(phys, 1, attributes));
        return success;
    }

    // Removes a 4-KiB mapping. Bigger ones and holes stay as they are.
    void unmap_page(u64 address) noexcept {
        u64 table = root_;
        for (unsigned level = levels_; level > 1; --level) {
            const u64 entry = entries(table)[level_index(address, level)];
            if (!Policy::is_present(entry) || Policy::is_leaf(entry, level)) return;
            table = Policy::address(entry);
        }
        store_release(entries(table)[level_index(address, 1)], u64{0});
    }

    // Maps [0, limit) to itself with the biggest pages up to `biggest_leaf` (a level) that have one
    // set of attributes. `uniform(base, size)` gives the attributes of an aligned block, or nothing
    // if its pages differ; a 4-KiB block always has them. The tree must be freshly created.
    template <typename Uniform>
    Status map_identity(u64 limit, unsigned biggest_leaf, const Uniform& uniform) noexcept {
        return fill(root_, levels_, 0, Identity<Uniform>{limit, biggest_leaf, uniform},
                    std::nullopt);
    }

    // Calls visit(phys) -> Status for each page that holds a table, until one fails. `visit` may
    // add tables to this tree; whether it meets those too is open.
    template <typename Visit>
    Status for_each_table(const Visit& visit) const noexcept {
        return root_ == 0 ? success : visit_tables(root_, levels_, visit);
    }

private:
    template <typename Uniform>
    struct Identity {
        u64 limit;
        unsigned biggest_leaf;
        const Uniform& uniform;
    };

    [[nodiscard]] static u64* entries(u64 table) noexcept {
        return static_cast<u64*>(shim_phys_to_virt(table));
    }

    Status allocate(u64& phys) noexcept {
        if (shim_alloc_page(&phys) == nullptr) {
            phys = 0;
            return {VISOR_NO_MEMORY};
        }
        ++pages_;
        return success;
    }

    // From the table of one level to the next lower one on the way to `address`; makes it if there
    // is a hole, splits if there is a leaf.
    Status descend(u64& table, u64 address, unsigned level) noexcept {
        u64& entry = entries(table)[level_index(address, level)];
        if (!Policy::is_present(entry) || Policy::is_leaf(entry, level)) {
            u64 lower = 0;
            RMV_TRY(allocate(lower));
            if (Policy::is_present(entry)) fill_split(entries(lower), entry, level);
            // The table is complete before a page walk can reach it.
            store_release(entry, Policy::make_table(lower));
        }
        table = Policy::address(entry);
        return success;
    }

    static void fill_split(u64* lower, u64 leaf, unsigned level) noexcept {
        const u64 size = level_size(level - 1);
        for (unsigned i = 0; i < table_entries; ++i)
            lower[i] = Policy::make_leaf(Policy::address(leaf) + i * size, level - 1,
                                         Policy::attributes(leaf));
    }

    // `inherited`: attributes of the whole table, when it was bigger than a leaf may be.
    template <typename Uniform>
    Status fill(u64 table, unsigned level, u64 base, const Identity<Uniform>& identity,
                std::optional<Attributes> inherited) noexcept {
        const u64 size = level_size(level);
        for (unsigned i = 0; i < table_entries && base < identity.limit; ++i, base += size) {
            u64& entry = entries(table)[i];
            const bool is_whole = size <= identity.limit - base;
            std::optional<Attributes> attributes = inherited;
            if (!attributes && is_whole) attributes = identity.uniform(base, size);
            if (attributes && is_whole && level <= identity.biggest_leaf) {
                entry = Policy::make_leaf(base, level, *attributes);
                continue;
            }
            u64 lower = 0;
            RMV_TRY(allocate(lower));
            entry = Policy::make_table(lower);
            RMV_TRY(fill(lower, level - 1, base, identity, attributes));
        }
        return success;
    }

    // As deep as there are levels.
    template <typename Visit>
    static Status visit_tables(u64 table, unsigned level, const Visit& visit) noexcept {
        RMV_TRY(visit(table));
        for (unsigned i = 0; level > 1 && i < table_entries; ++i) {
            const u64 entry = entries(table)[i];
            if (Policy::is_present(entry) && !Policy::is_leaf(entry, level))
                RMV_TRY(visit_tables(Policy::address(entry), level - 1, visit));
        }
        return success;
    }

    // As deep as there are levels.
    void free_table(u64 table, unsigned level) noexcept {
        for (unsigned i = 0; level > 1 && i < table_entries; ++i) {
            const u64 entry = entries(table)[i];
            if (Policy::is_present(entry) && !Policy::is_leaf(entry, level))
                free_table(Policy::address(entry), level - 1);
        }
        shim_free_page(entries(table));
        --pages_;
    }

    u64 root_ = 0;
    u64 pages_ = 0;
    unsigned levels_ = 0;
};

}  // namespace rmv
