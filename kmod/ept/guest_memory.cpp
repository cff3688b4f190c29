// SPDX-License-Identifier: GPL-2.0-only
// Guest-physical memory of a real-mode guest: 4-KiB pages of its owner's memory (abi.h).
// Set-up code: called by the shim in process context while the guest is stopped.
#include <new>

#include "ept/entry.hpp"
#include "ept/ept_pointer.hpp"
#include "vmx/globals.hpp"
#include "x86/page_table.hpp"

// Lives at the start of a page of its own.
struct visor_guest_memory {
    rmv::PageTable<rmv::EptPolicy> table{};
    rmv::u64 zero_page_phys = 0;
    rmv::u64 zero_page = 0;  // guest-physical, 0: nowhere
};

namespace {

using namespace rmv;

static_assert(sizeof(visor_guest_memory) <= page_size);

[[nodiscard]] constexpr bool is_guest_page(u64 guest_physical) noexcept {
    return (guest_physical & page_mask) == 0 && guest_physical < bit(ept_address_bits);
}

// Linux has no such page to give. Should it have one all the same, it must not be a guest's: its
// write-back lines would be taken for the SMI handler's.
[[nodiscard]] bool is_smram(u64 host_physical) noexcept {
    return is_legacy_smram(host_physical, page_size) || globals.smram.holds(host_physical);
}

// Where KVM keeps its identity map by default: firmware and memory leave the page alone.
constexpr u64 usual_zero_page = 0xfffbc000;
// A guest without PAE has 32-bit addresses in CR3. The local APIC's page is left alone.
constexpr u64 lowest_zero_page = 0xfef00000;

// For guest-physical pages from the usual place downwards: is there a hole?
u64 find_hole(const visor_guest_memory& memory) noexcept {
    for (u64 page = usual_zero_page; page >= lowest_zero_page; page -= page_size)
        if (!memory.table.find(page)) return page;
    return 0;
}

Status place_zero_page(visor_guest_memory& memory) noexcept {
    memory.zero_page = find_hole(memory);
    if (memory.zero_page == 0) return success;
    return memory.table.map_page(memory.zero_page, memory.zero_page_phys,
                                 {ept_r, MemoryType::write_back});
}

// The owner's pages come first. Where there is no other hole, the guest is without a page of zeros.
Status make_way(visor_guest_memory& memory, u64 guest_physical) noexcept {
    if (guest_physical != memory.zero_page || guest_physical == 0) return success;
    RMV_TRY(place_zero_page(memory));  // still mapped here, so it finds another place
    memory.table.unmap_page(guest_physical);
    return success;
}

}  // namespace

visor_guest_memory* visor_guest_memory_create() {
    u64 phys = 0;
    void* const page = shim_alloc_page(&phys);
    if (page == nullptr) return nullptr;
    auto* const memory = new (page) visor_guest_memory{};
    if (shim_alloc_page(&memory->zero_page_phys) == nullptr) memory->zero_page_phys = 0;
    if (memory->zero_page_phys != 0 && memory->table.create(ept_levels).ok() &&
        place_zero_page(*memory).ok())
        return memory;
    visor_guest_memory_destroy(memory);
    return nullptr;
}

void visor_guest_memory_destroy(visor_guest_memory* memory) {
    if (memory == nullptr) return;
    memory->table.destroy();
    if (memory->zero_page_phys != 0) shim_free_page(shim_phys_to_virt(memory->zero_page_phys));
    shim_free_page(memory);
}

// A page that is mapped already is refused: the caller unmaps it first, and says so to the CPU.
rmv_u32 visor_guest_memory_map(visor_guest_memory* memory, rmv_u64 guest_physical,
                               rmv_u64 host_physical, rmv_u32 writable) {
    if (!is_guest_page(guest_physical) || (host_physical & page_mask) != 0 ||
        !is_physical_range(host_physical, page_size) || is_smram(host_physical))
        return VISOR_BAD_ARGUMENT;
    if (const Status status = make_way(*memory, guest_physical); !status.ok()) return status.code;
    if (memory->table.find(guest_physical)) return VISOR_BAD_ARGUMENT;
    const u64 access = writable != 0 ? ept_rwx : ept_rx;
    return memory->table.map_page(guest_physical, host_physical, {access, MemoryType::write_back})
        .code;
}

void visor_guest_memory_unmap(visor_guest_memory* memory, rmv_u64 guest_physical) {
    if (is_guest_page(guest_physical) && guest_physical != memory->zero_page)
        memory->table.unmap_page(guest_physical);
}

rmv_u64 visor_guest_memory_ept_pointer(const visor_guest_memory* memory) {
    return make_ept_pointer(memory->table.root(), ept_levels);
}

rmv_u64 visor_guest_memory_zero_page(const visor_guest_memory* memory) { return memory->zero_page; }
