// SPDX-License-Identifier: GPL-2.0-only
#include "ept/linux_map.hpp"

#include "vmx/ept_vpid_cap.hpp"

namespace rmv {
namespace {

[[nodiscard]] constexpr unsigned biggest_leaf(u64 ept_vpid_cap) noexcept {
    if (has(ept_vpid_cap, EptVpidCap::page_1g)) return 3;
    return has(ept_vpid_cap, EptVpidCap::page_2m) ? 2 : 1;
}

// The one type of a block, or nothing if it has to be made of smaller ones.
[[nodiscard]] std::optional<MemoryType> type_of(const Mtrr& mtrr, u64 base, u64 size) noexcept {
    const auto type = mtrr.uniform_type(base, size);
    if (!type || !is_cached(*type) || !meets_legacy_smram(base, size)) return type;
    if (is_legacy_smram(base, size)) return MemoryType::uncacheable;
    return std::nullopt;
}

// Its physical address; 0 if there is no memory.
[[nodiscard]] u64 make_page_of_ones() noexcept {
    u64 phys = 0;
    auto* const words = static_cast<u64*>(shim_alloc_page(&phys));
    if (words == nullptr) return 0;
    for (u64 i = 0; i < page_size / sizeof(u64); ++i) words[i] = ~u64{0};
    return phys;
}

constexpr u64 smram_limit = bit(32);

}  // namespace

Status LinuxMap::build(const Mtrr& mtrr, unsigned physical_bits, u64 ept_vpid_cap) noexcept {
    if (!table_.is_empty()) return {VISOR_WRONG_STATE};
    limit_ = bit(physical_bits < ept_address_bits ? physical_bits : ept_address_bits);
    const auto uniform = [&mtrr](u64 base, u64 size) noexcept -> std::optional<EptAttributes> {
        const auto type = type_of(mtrr, base, size);
        if (!type) return std::nullopt;
        return EptAttributes{ept_rwx, *type};
    };
    Status status = table_.create(ept_levels);
    if (status.ok()) status = table_.map_identity(limit_, biggest_leaf(ept_vpid_cap), uniform);
    if (status.ok()) status = hide(mtrr.smram());
    if (!status.ok()) destroy();
    return status;
}

Status LinuxMap::hide(const Smram& smram) noexcept {
    if (!smram.exists()) return success;
    ones_ = make_page_of_ones();
    if (ones_ == 0) return {VISOR_NO_MEMORY};
    const u64 end = limit_ < smram_limit ? limit_ : smram_limit;
    for (u64 page = smram.base; page < end; page += page_size)
        if (smram.holds(page))
            RMV_TRY(table_.map_page(page, ones_, {ept_r, MemoryType::write_back}));
    return success;
}

Status LinuxMap::protect(u64 page, u64 shown, u64 access) noexcept {
    if (((page | shown) & page_mask) != 0 || page >= limit_ ||
        !is_physical_range(shown, page_size) || has(access, EptAccess::write))
        return {VISOR_BAD_ARGUMENT, page};
    const MemoryType type = entry(page).attributes().type;
    return table_.map_page(page, shown, {access, type});
}

bool LinuxMap::is_writable(u64 page) const noexcept {
    return has(entry(page).attributes().access, EptAccess::write);
}

// Protecting a table page may split a mapping, which adds a table page: go on until a whole walk
// has found nothing to do. Each round adds at most one table per page of the round before, in one
// region.
Status LinuxMap::protect_own_tables() noexcept {
    if (ones_ != 0) RMV_TRY(protect(ones_, ones_, ept_r));
    bool changed = true;
    const auto protect_table = [this, &changed](u64 table) noexcept -> Status {
        if (!is_writable(table)) return success;
        changed = true;
        return protect(table, table, ept_r);
    };
    while (changed) {
        changed = false;
        RMV_TRY(table_.for_each_table(protect_table));
    }
    return success;
}

EptEntry LinuxMap::entry(u64 address) const noexcept {
    const auto leaf = address < limit_ ? table_.find(address) : std::nullopt;
    return EptEntry{leaf ? leaf->entry : 0};
}

void LinuxMap::destroy() noexcept {
    table_.destroy();
    if (ones_ != 0) shim_free_page(shim_phys_to_virt(ones_));
    ones_ = 0;
    limit_ = 0;
}

}  // namespace rmv
