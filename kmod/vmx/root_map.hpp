// SPDX-License-Identifier: GPL-2.0-only
// The page tables of root, one tree for all CPUs: the visor's image and memory at the addresses at
// which Linux has them, and nothing else.
//
// They have as many levels as Linux's. A VM exit could load another CR4.LA57 (SDM: "Loading Host
// Control Registers, Debug Registers, MSRs" keeps no such bit), but after VMXOFF nothing can load
// Linux's value back: MOV to CR4 that changes LA57 in IA-32e mode is #GP ("Linear-Address
// Pre-Processing", "CR4.LA57"). So the host CR4 field must hold LA57 as found.
#pragma once

#include "vmx/root_entry.hpp"
#include "x86/page_table.hpp"
#include "x86/result.hpp"

namespace rmv {

// Set-up code, process context. Text and read-only data need CR0.WP and EFER.NXE in root, device
// pages the IA32_PAT that RootEntry names.
class RootMap {
public:
    constexpr RootMap() noexcept = default;

    // Maps `bytes` from `virt` to contiguous `phys`, all multiples of the page size.
    // VISOR_BAD_ARGUMENT (detail: the address): not aligned, not canonical, or already mapped to
    // something else; nothing is mapped then. VISOR_NO_MEMORY: a part may be mapped, destroy() all.
    Status map(u64 virt, u64 phys, u64 bytes, RootPage kind) noexcept;

    // Of the page that maps `virt`; VISOR_BAD_ARGUMENT if none does.
    [[nodiscard]] Result<u64> physical(u64 virt) const noexcept;

    // For the host CR3 field; valid after the first map().
    [[nodiscard]] u64 cr3() const noexcept { return table_.root(); }
    [[nodiscard]] u64 pages() const noexcept { return table_.pages(); }

    // See PageTable.
    template <typename Visit>
    Status for_each_table(const Visit& visit) const noexcept {
        return table_.for_each_table(visit);
    }

    // Frees the tables. No CPU may be in VMX operation.
    void destroy() noexcept { table_.destroy(); }

private:
    [[nodiscard]] Status check(u64 virt, u64 phys, u64 bytes, RootPage kind) const noexcept;

    PageTable<RootEntry> table_;
};

}  // namespace rmv
