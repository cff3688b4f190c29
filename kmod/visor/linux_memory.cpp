// SPDX-License-Identifier: GPL-2.0-only
#include "visor/linux_memory.hpp"

#include "ept/linux_map.hpp"
#include "visor/image.hpp"
#include "vmx/globals.hpp"
#include "x86/mtrr.hpp"

namespace rmv {

namespace {

// The map in use, and room for the one that replaces it when Linux changes MTRRs.
constinit LinuxMap maps[2];
constinit u32 current = 0;

// CPUs in the order of their set-up; a list, because their number is Linux's business.
constinit Cpu* first_cpu = nullptr;

// A page of zeroes that Linux sees in place of pages whose content belongs to hardware (SDM:
// Software Access to the Virtual-Machine Control Structure).
constinit u64 zero_page = 0;

Status protect_range(LinuxMap& map, u64 virt, u64 bytes, u64 access) noexcept {
    for (u64 offset = 0; offset < bytes; offset += page_size) {
        const u64 phys = shim_virt_to_phys(virt + offset);
        RMV_TRY(map.protect(phys, phys, access));
    }
    return success;
}

Status protect_between(LinuxMap& map, const void* begin, const void* end, u64 access) noexcept {
    const u64 first = reinterpret_cast<u64>(begin);
    return protect_range(map, first, reinterpret_cast<u64>(end) - first, access);
}

// Linux runs a part of the visor's text itself: launch, and the calls of the shim.
Status protect_image(LinuxMap& map) noexcept {
    RMV_TRY(protect_between(map, visor_text_start, visor_text_end, ept_rx));
    RMV_TRY(protect_between(map, visor_rodata_start, visor_rodata_end, ept_r));
    return protect_between(map, visor_data_start, visor_data_end, ept_r);
}

Status protect_cpu(LinuxMap& map, Cpu& cpu) noexcept {
    RMV_TRY(protect_between(map, &cpu, &cpu.shared, ept_r));
    const u64 regions[] = {cpu.vmxon_phys, cpu.linux_vmcs_phys, cpu.rm_vmcs_phys};
    for (const u64 region : regions) RMV_TRY(map.protect(region, zero_page, ept_r));
    RMV_TRY(protect_between(map, &cpu.stack, &cpu + 1, ept_r));
    return protect_range(map, cpu.shared.ring.virt, ring_bytes(cpu), ept_r);
}

Status protect_tables(LinuxMap& map, const RootMap& root_map) noexcept {
    RMV_TRY(root_map.for_each_table(
        [&map](u64 table) noexcept -> Status { return map.protect(table, table, ept_r); }));
    return map.protect_own_tables();
}

Status build(LinuxMap& map) noexcept {
    const visor_cpu_facts& facts = globals.facts;
    return map.build(Mtrr::read(facts.physical_bits), facts.physical_bits, facts.ept_vpid_cap);
}

Status protect_all(LinuxMap& map, const ProtectedMemory& memory) noexcept {
    RMV_TRY(protect_image(map));
    for (const Page* page : memory.bitmaps) RMV_TRY(protect_between(map, page, page + 1, ept_r));
    for (Cpu* cpu = first_cpu; cpu != nullptr; cpu = cpu->next_cpu) RMV_TRY(protect_cpu(map, *cpu));
    return protect_tables(map, memory.root_map);
}

}  // namespace

Status build_linux_memory() noexcept {
    if (shim_alloc_page(&zero_page) == nullptr) return {VISOR_NO_MEMORY, 0};
    globals.smram = Mtrr::read(globals.facts.physical_bits).smram();
    current = 0;
    RMV_TRY(build(maps[current]));
    globals.linux_ept_pointer = maps[current].ept_pointer();
    return success;
}

void destroy_linux_memory() noexcept {
    for (LinuxMap& map : maps) map.destroy();
    if (zero_page != 0) shim_free_page(shim_phys_to_virt(zero_page));
    zero_page = 0;
    first_cpu = nullptr;
}

u64 linux_memory_pages() noexcept {
    return maps[0].pages() + maps[1].pages() + (zero_page != 0 ? 1 : 0);
}

void add_cpu_memory(Cpu& cpu) noexcept {
    cpu.next_cpu = first_cpu;
    first_cpu = &cpu;
    globals.first_cpu = &cpu;
}

Cpu* cpu_memory() noexcept { return first_cpu; }

u64 ring_bytes(const Cpu& cpu) noexcept {
    const u64 records = u64{cpu.shared.ring.records} * sizeof(TraceRecord);
    return page_size + (records + page_mask) / page_size * page_size;
}

Status protect_visor_memory(const ProtectedMemory& memory) noexcept {
    return protect_all(maps[current], memory);
}

Result<u64> rebuild_linux_memory(const ProtectedMemory& memory) noexcept {
    LinuxMap& next = maps[1 - current];
    RMV_TRY(build(next));
    const Status status = protect_all(next, memory);
    if (!status.ok()) {
        next.destroy();
        return status;
    }
    return next.ept_pointer();
}

void retire_linux_memory() noexcept {
    maps[current].destroy();
    current = 1 - current;
}

}  // namespace rmv
