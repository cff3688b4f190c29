// SPDX-License-Identifier: GPL-2.0-only
// Guest-physical memory of a real-mode guest: 4-KiB pages of its owner's memory (abi.h).
// Set-up code: called by the shim in process context while the guest is stopped.
#include <new>

#include "ept/entry.hpp"
#include "ept/ept_pointer.hpp"
#include "x86/page_table.hpp"

// Lives at the start of a page of its own.
struct visor_guest_memory {
    rmv::PageTable<rmv::EptPolicy> table;
};

namespace {

using namespace rmv;

static_assert(sizeof(visor_guest_memory) <= page_size);

[[nodiscard]] constexpr bool is_guest_page(u64 guest_physical) noexcept {
    return (guest_physical & page_mask) == 0 && guest_physical < bit(ept_address_bits);
}

}  // namespace

visor_guest_memory* visor_guest_memory_create() {
    u64 phys = 0;
    void* const page = shim_alloc_page(&phys);
    if (page == nullptr) return nullptr;
    auto* const memory = new (page) visor_guest_memory;
    if (!memory->table.create(ept_levels).ok()) {
        shim_free_page(page);
        return nullptr;
    }
    return memory;
}

void visor_guest_memory_destroy(visor_guest_memory* memory) {
    if (memory == nullptr) return;
    memory->table.destroy();
    shim_free_page(memory);
}

// A page that is mapped already is refused: the caller unmaps it first, and says so to the CPU.
rmv_u32 visor_guest_memory_map(visor_guest_memory* memory, rmv_u64 guest_physical,
                               rmv_u64 host_physical, rmv_u32 writable) {
    if (!is_guest_page(guest_physical) || (host_physical & page_mask) != 0 ||
        !is_physical_range(host_physical, page_size) || memory->table.find(guest_physical))
        return VISOR_BAD_ARGUMENT;
    const u64 access = writable != 0 ? ept_rwx : ept_rx;
    return memory->table.map_page(guest_physical, host_physical, {access, MemoryType::write_back})
        .code;
}

void visor_guest_memory_unmap(visor_guest_memory* memory, rmv_u64 guest_physical) {
    if (is_guest_page(guest_physical)) memory->table.unmap_page(guest_physical);
}

rmv_u64 visor_guest_memory_ept_pointer(const visor_guest_memory* memory) {
    return make_ept_pointer(memory->table.root(), ept_levels);
}
