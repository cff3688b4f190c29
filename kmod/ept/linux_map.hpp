// SPDX-License-Identifier: GPL-2.0-only
// The identity map that Linux runs on after launch, one for all CPUs.
//
// It covers every physical address that 4-level EPT reaches, memory or not, so that MMIO and
// memory added later need no exit. Types follow the MTRRs, which hardware ignores under EPT, but
// for SMRAM's sake:
//
//  - A0000h to BFFFFh is in no cache, whatever the MTRRs say: a line that stays behind would be
//    taken for the SMI handler's code or data where no SMRR keeps it out.
//  - What the SMRRs hide is not in the map. A page of ones is there instead, as the range reads
//    natively; a write, which natively goes nowhere, is a stray one.
#pragma once

#include "ept/entry.hpp"
#include "ept/ept_pointer.hpp"
#include "x86/mtrr.hpp"
#include "x86/page_table.hpp"
#include "x86/result.hpp"
#include "x86/smm.hpp"

namespace rmv {

// Set-up code, process context.
class LinuxMap {
public:
    constexpr LinuxMap() noexcept = default;

    // Builds the map with the biggest pages that `ept_vpid_cap` (the MSR) and the memory types
    // allow. `physical_bits` is MAXPHYADDR; addresses from 2^48 on are left out.
    // VISOR_NO_MEMORY: nothing is left behind. VISOR_WRONG_STATE: there is a map already.
    Status build(const Mtrr& mtrr, unsigned physical_bits, u64 ept_vpid_cap) noexcept;

    // Takes the right to write `page` from Linux, and lets it read the page at `shown` there: the
    // same page, or another one where reading would harm. `access` is mask of EptAccess. The caller
    // invalidates translations (INVEPT) if the map is in use.
    // VISOR_BAD_ARGUMENT: not aligned, not in the map, or writable. VISOR_NO_MEMORY: all is mapped
    // as before.
    Status protect(u64 page, u64 shown, u64 access) noexcept;

    // The tables of this map themselves, read-only for Linux.
    Status protect_own_tables() noexcept;

    // For the EPT-pointer field; valid after build().
    [[nodiscard]] u64 ept_pointer() const noexcept {
        return make_ept_pointer(table_.root(), ept_levels);
    }
    // The EPT entry that translates `address`, 0 if there is none.
    [[nodiscard]] EptEntry entry(u64 address) const noexcept;
    [[nodiscard]] u64 pages() const noexcept { return table_.pages() + (ones_ != 0 ? 1 : 0); }

    // Frees the tables. No CPU may use them any more.
    void destroy() noexcept;

private:
    Status hide(const Smram& smram) noexcept;
    [[nodiscard]] bool is_writable(u64 page) const noexcept;

    PageTable<EptPolicy> table_;
    u64 limit_ = 0;
    u64 ones_ = 0;  // physical address of the page of ones, 0: none is needed
};

}  // namespace rmv
