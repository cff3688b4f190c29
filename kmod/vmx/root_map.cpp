// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/root_map.hpp"

#include "x86/control_registers.hpp"
#include "x86/insn.hpp"

namespace rmv {
namespace {

[[nodiscard]] unsigned paging_levels() noexcept { return has(insn::read_cr4(), Cr4::la57) ? 5 : 4; }

// Do `first` and all bytes up to `last` lie in one canonical half?
[[nodiscard]] bool is_canonical(u64 first, u64 last, unsigned levels) noexcept {
    const u64 upper = ~(level_size(levels + 1) / 2 - 1);
    return first <= last && (first & upper) == (last & upper) &&
           ((first & upper) == 0 || (first & upper) == upper);
}

}  // namespace

Status RootMap::check(u64 virt, u64 phys, u64 bytes, RootPage kind) const noexcept {
    if (bytes == 0 || ((virt | phys | bytes) & page_mask) != 0 ||
        !is_canonical(virt, virt + (bytes - 1), paging_levels()) || !is_physical_range(phys, bytes))
        return {VISOR_BAD_ARGUMENT, virt};
    for (u64 offset = 0; offset < bytes; offset += page_size) {
        const auto leaf = table_.find(virt + offset);
        if (leaf && leaf->entry != RootEntry::make_leaf(phys + offset, 1, kind))
            return {VISOR_BAD_ARGUMENT, virt + offset};
    }
    return success;
}

Status RootMap::map(u64 virt, u64 phys, u64 bytes, RootPage kind) noexcept {
    RMV_TRY(check(virt, phys, bytes, kind));
    if (table_.is_empty()) RMV_TRY(table_.create(paging_levels()));
    for (u64 offset = 0; offset < bytes; offset += page_size)
        RMV_TRY(table_.map_page(virt + offset, phys + offset, kind));
    return success;
}

Result<u64> RootMap::physical(u64 virt) const noexcept {
    const auto leaf = table_.find(virt);
    if (!leaf) return Status{VISOR_BAD_ARGUMENT, virt};
    return RootEntry::address(leaf->entry);
}

}  // namespace rmv
