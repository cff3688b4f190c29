// SPDX-License-Identifier: GPL-2.0-only
// Everything that is built before the first launch (border functions in abi.h). Set-up code: runs
// in Linux, in process context, and is the only part of the visor that takes memory.
#include "rm_guest/apic/vmcs.hpp"
#include "visor/image.hpp"
#include "visor/linux_memory.hpp"
#include "vmx/cpu.hpp"
#include "vmx/globals.hpp"
#include "vmx/root_env.hpp"
#include "vmx/root_map.hpp"
#include "x86/control_registers.hpp"
#include "x86/mtrr_msrs.hpp"

namespace rmv {

namespace {

// The tables in use, and room for those that replace them when the rings are replaced.
constinit RootMap root_maps[2];
constinit u32 current_root = 0;

// The two MSR bitmaps: of Linux only writes to MTRRs exit, of a real-mode guest every access.
struct BitmapPages {
    Page* linux_guest;
    Page* rm_guest;
};
constinit Page* apic_access_page = nullptr;
constinit BitmapPages msr_bitmaps{};

// Physical; 0 in x2APIC mode.
constinit u64 physical_apic = 0;

constexpr u32 cpuid_features = 1;
constexpr u32 cpuid1_ecx_xsave = 1u << 26;
constexpr u8 every_bit = 0xff;
constexpr u32 vmcs_revision_mask = 0x7fffffff;

// What Linux leaves in these at GIVE_BACK and RESET is cleared, and the image of all of them fits
// the mailbox. AMX and PKRU are no business of such guests.
u64 guest_components(bool has_xsave) noexcept {
    constexpr u32 leaf_xsave = 0xd;
    constexpr u64 known =
        mask(Xcr0::x87, Xcr0::sse, Xcr0::avx, Xcr0::opmask, Xcr0::zmm_hi256, Xcr0::hi16_zmm);
    if (!has_xsave) return mask(Xcr0::x87);
    const insn::CpuidRegs regs = insn::cpuid(leaf_xsave, 0);
    return known & join(regs.edx, regs.eax);
}

Result<Page*> new_page(u64& phys) noexcept {
    auto* page = static_cast<Page*>(shim_alloc_page(&phys));
    if (page == nullptr) return Status{VISOR_NO_MEMORY, 0};
    return page;
}

// SDM: MSR-Bitmap Address. Writes of MSRs 0 to 1FFFh have the third quarter.
void intercept_write(Page& bitmap, u32 msr) noexcept {
    constexpr u32 write_low_msrs = 2048;
    bitmap.bytes[write_low_msrs + msr / 8] |= static_cast<u8>(1u << (msr % 8));
}

Status build_bitmaps() noexcept {
    const Result<Page*> linux_guest = new_page(globals.linux_msr_bitmap_phys);
    RMV_TRY(linux_guest.status());
    msr_bitmaps.linux_guest = linux_guest.value();
    for_each_mtrr([](u32 msr) noexcept { intercept_write(*msr_bitmaps.linux_guest, msr); });
    const Result<Page*> rm_guest = new_page(globals.rm_msr_bitmap_phys);
    RMV_TRY(rm_guest.status());
    msr_bitmaps.rm_guest = rm_guest.value();
    for (u8& byte : msr_bitmaps.rm_guest->bytes) byte = every_bit;
    const Result<Page*> apic_access = new_page(globals.apic_access_phys);
    RMV_TRY(apic_access.status());
    apic_access_page = apic_access.value();
    return success;
}

// Memory whose pages need not be contiguous: the module's image lies in vmalloc space.
Status map_scattered(RootMap& root_map, u64 virt, u64 bytes, RootPage kind) noexcept {
    for (u64 offset = 0; offset < bytes; offset += page_size) {
        const u64 phys = shim_virt_to_phys(virt + offset);
        if (phys == 0) return {VISOR_BAD_ARGUMENT, virt + offset};
        RMV_TRY(root_map.map(virt + offset, phys, page_size, kind));
    }
    return success;
}

// The visor's own image, as scripts/visor.lds lays it out: root maps nothing of the shim.
Status map_image(RootMap& root_map) noexcept {
    const struct {
        const u8* begin;
        const u8* end;
        RootPage kind;
    } parts[] = {
        {visor_text_start, visor_text_end, RootPage::text},
        {visor_rodata_start, visor_rodata_end, RootPage::rodata},
        {visor_data_start, visor_data_end, RootPage::data},
    };
    for (const auto& part : parts) {
        const u64 begin = reinterpret_cast<u64>(part.begin);
        RMV_TRY(map_scattered(root_map, begin, reinterpret_cast<u64>(part.end) - begin, part.kind));
    }
    return success;
}

// What every tree of root's tables has; the CPUs' memory is added to it.
Status build_root_map(RootMap& root_map) noexcept {
    RMV_TRY(map_image(root_map));
    if (physical_apic != 0)
        RMV_TRY(root_map.map(root_apic_virtual, physical_apic, page_size, RootPage::device));
    return success;
}

void fill_globals(const visor_setup_args& args, const visor_cpu_facts& facts) noexcept {
    globals.facts = facts;
    globals.text_begin = reinterpret_cast<u64>(visor_text_start);
    globals.text_end = reinterpret_cast<u64>(visor_text_end);
    globals.cr3_user_bits = args.cr3_user_bits;
    globals.x2apic = args.x2apic != 0;
    globals.has_smi_count = args.has_smi_count != 0;
    globals.smi_gap_ticks = args.smi_gap_ticks;
    globals.has_xsave = (insn::cpuid(cpuid_features, 0).ecx & cpuid1_ecx_xsave) != 0;
    globals.guest_xcr0 = guest_components(globals.has_xsave);
}

Status setup(const visor_setup_args& args, const visor_cpu_facts& facts) noexcept {
    fill_globals(args, facts);
    RMV_TRY(build_bitmaps());
    physical_apic = args.x2apic == 0 ? args.apic_phys : 0;
    current_root = 0;
    RMV_TRY(build_root_map(root_maps[current_root]));
    globals.root_cr3 = root_maps[current_root].cr3();
    return build_linux_memory();
}

ProtectedMemory protected_memory(const RootMap& root_map) noexcept {
    return {root_map, {msr_bitmaps.linux_guest, msr_bitmaps.rm_guest}};
}

void free_page(Page*& page) noexcept {
    if (page != nullptr) shim_free_page(page);
    page = nullptr;
}

// The memory around the guard pages, so that a stack that overflows in root faults; and the ring.
Status map_cpu(RootMap& root_map, Cpu& cpu) noexcept {
    const struct {
        void* begin;
        void* end;
    } parts[] = {
        {&cpu, &cpu.stack.guard},
        {cpu.stack.stack, &cpu.nmi_stack.guard},
        {cpu.nmi_stack.stack, &cpu.fault_stack.guard},
        {cpu.fault_stack.stack, &cpu.double_fault_stack.guard},
        {cpu.double_fault_stack.stack, &cpu + 1},
    };
    for (const auto& part : parts) {
        const u64 begin = reinterpret_cast<u64>(part.begin);
        RMV_TRY(map_scattered(root_map, begin, reinterpret_cast<u64>(part.end) - begin,
                              RootPage::data));
    }
    return map_scattered(root_map, cpu.shared.ring.virt, ring_bytes(cpu), RootPage::data);
}

// The revision identifier heads the VMXON region and each VMCS (SDM: Format of the VMCS Region).
void initialize_region(Page& page, u64& phys) noexcept {
    *reinterpret_cast<u32*>(page.bytes) = low32(globals.facts.vmx_basic) & vmcs_revision_mask;
    phys = shim_virt_to_phys(reinterpret_cast<u64>(&page));
}

Status setup_cpu(Cpu& cpu, const visor_cpu_args& args) noexcept {
    if (args.trace_records < 64 || (args.trace_records & (args.trace_records - 1)) != 0)
        return {VISOR_BAD_ARGUMENT, args.trace_records};
    cpu.self = &cpu;
    cpu.number = args.cpu;
    cpu.gdt_writable = args.gdt_virt;
    cpu.shared.ring = {args.trace_virt, args.trace_records, 0, 0, 0};
    cpu.stats.version = RMVISOR_STATS_VERSION;
    cpu.stats.reasons = RMVISOR_STATS_REASONS;
    cpu.stats.buckets = RMVISOR_STATS_BUCKETS;
    cpu.stats.cpu = args.cpu;
    initialize_region(cpu.vmxon_region, cpu.vmxon_phys);
    initialize_region(cpu.linux_vmcs, cpu.linux_vmcs_phys);
    initialize_region(cpu.rm_vmcs, cpu.rm_vmcs_phys);
    cpu.rm_apic_page_phys = shim_virt_to_phys(reinterpret_cast<u64>(&cpu.rm_apic_page));
    build_root_environment(cpu);
    RMV_TRY(map_cpu(root_maps[current_root], cpu));
    cpu.trace.attach(reinterpret_cast<rmvisor_trace_map*>(args.trace_virt), args.trace_records);
    add_cpu_memory(cpu);
    return success;
}

Status build_next_root(RootMap& next) noexcept {
    RMV_TRY(build_root_map(next));
    for (Cpu* cpu = cpu_memory(); cpu != nullptr; cpu = cpu->next_cpu) RMV_TRY(map_cpu(next, *cpu));
    return success;
}

// The CPUs still run on the tables in use; they learn of the new ones from their public part.
Status rebuild_for_rings() noexcept {
    RootMap& next = root_maps[1 - current_root];
    RMV_TRY(build_next_root(next));
    const Result<u64> ept_pointer = rebuild_linux_memory(protected_memory(next));
    RMV_TRY(ept_pointer.status());
    for (Cpu* cpu = cpu_memory(); cpu != nullptr; cpu = cpu->next_cpu) {
        cpu->shared.ring.root_cr3 = next.cr3();
        cpu->shared.ring.ept_pointer = ept_pointer.value();
    }
    return success;
}

}  // namespace

}  // namespace rmv

using namespace rmv;

rmv_u32 visor_setup(const visor_setup_args* args, const visor_cpu_facts* facts) {
    const Status status = setup(*args, *facts);
    if (!status.ok()) visor_destroy();
    return status.code;
}

void visor_destroy(void) {
    destroy_linux_memory();
    for (RootMap& map : root_maps) map.destroy();
    free_page(msr_bitmaps.linux_guest);
    free_page(msr_bitmaps.rm_guest);
    free_page(apic_access_page);
    globals = {};
}

rmv_u64 visor_table_pages(void) {
    // NOLINTNEXTLINE(bugprone-sizeof-expression): its members are pointers
    constexpr u64 bitmap_pages = sizeof(BitmapPages) / sizeof(Page*);
    return linux_memory_pages() + root_maps[0].pages() + root_maps[1].pages() + bitmap_pages + 1;
}

rmv_u64 visor_apic_access_page(void) {
    return apic::has_xapic(globals.facts) ? globals.apic_access_phys : 0;
}

rmv_u64 visor_cpu_bytes(void) { return sizeof(Cpu); }

rmv_u32 visor_cpu_setup(visor_cpu* cpu, const visor_cpu_args* args) {
    return setup_cpu(*reinterpret_cast<Cpu*>(cpu), *args).code;
}

rmv_u32 visor_protect(void) {
    return protect_visor_memory(protected_memory(root_maps[current_root])).code;
}

rmv_u32 visor_mtrr_rebuild(rmv_u64* ept_pointer) {
    const Result<u64> rebuilt = rebuild_linux_memory(protected_memory(root_maps[current_root]));
    *ept_pointer = rebuilt.ok() ? rebuilt.value() : 0;
    return rebuilt.status().code;
}

rmv_u32 visor_rings_rebuild(void) {
    const Status status = rebuild_for_rings();
    if (!status.ok()) root_maps[1 - current_root].destroy();
    return status.code;
}

void visor_rings_retire(void) {
    retire_linux_memory();
    root_maps[current_root].destroy();
    current_root = 1 - current_root;
}

void visor_mtrr_retire(void) { retire_linux_memory(); }

const rmvisor_stats* visor_cpu_stats(visor_cpu* cpu) { return &reinterpret_cast<Cpu*>(cpu)->stats; }

visor_public* visor_cpu_public(visor_cpu* cpu) { return &reinterpret_cast<Cpu*>(cpu)->shared; }
