// SPDX-License-Identifier: GPL-2.0-only
// What is built before the first launch: bitmaps, root's tables, and what Linux may not write.
#include "../ept/walk.hpp"
#include "linux/machine.hpp"
#include "vmx/root_env.hpp"
#include "vmx/root_map.hpp"

namespace rmv {
namespace {

constexpr u64 ept_present = 7, writable = 2;

test::Walk::Leaf linux_entry(u64 phys) {
    return test::Walk{ept_present, globals.linux_ept_pointer & ~page_mask, 4}.find(phys);
}
test::Walk::Leaf root_entry(const void* at) {
    return test::Walk{1, globals.root_cr3 & ~page_mask, 4}.find(reinterpret_cast<u64>(at));
}

TEST_F(Machine, EveryPageIsCountedAndGivenBack) {
    ASSERT_EQ(set_up(), VISOR_OK);
    ASSERT_EQ(set_up_cpu(), VISOR_OK);
    ASSERT_EQ(visor_protect(), VISOR_OK);
    EXPECT_EQ(visor_table_pages(), fake::live_pages());
    visor_destroy();
    EXPECT_EQ(fake::live_pages(), 0u);
    EXPECT_EQ(visor_cpu_bytes(), sizeof(Cpu));
    EXPECT_EQ(visor_cpu_public(opaque()), &cpu.shared);
    EXPECT_EQ(visor_cpu_stats(opaque()), &cpu.stats);
}

// Each allocation fails once; nothing is left, and the next attempt works.
TEST_F(Machine, NoAllocationThatFailsLeavesAPage) {
    u64 n = 1;
    for (;; ++n) {
        fake::fail_allocation(n);
        u32 status = set_up();
        if (status == VISOR_OK) status = set_up_cpu();
        if (status == VISOR_OK) status = visor_protect();
        visor_destroy();
        ASSERT_EQ(fake::live_pages(), 0u) << "allocation " << n;
        if (status == VISOR_OK) break;
        ASSERT_EQ(status, VISOR_NO_MEMORY) << "allocation " << n;
    }
    EXPECT_GT(n, 15u);
    fake::fail_allocation(0);
}

TEST_F(Machine, NumbersOfTraceRecordsArePowersOfTwo) {
    ASSERT_EQ(set_up(), VISOR_OK);
    for (const u32 records : {0u, 3u, 48u}) {
        const visor_cpu_args args{.trace_records = records};
        EXPECT_EQ(visor_cpu_setup(opaque(), &args), VISOR_BAD_ARGUMENT) << records;
    }
}

TEST_F(Machine, MemoryThatIsNowhereIsRefused) {
    ASSERT_EQ(set_up(), VISOR_OK);
    const visor_cpu_args args{.trace_records = trace_records, .trace_virt = 0x7000};
    EXPECT_EQ(visor_cpu_setup(opaque(), &args), VISOR_BAD_ARGUMENT);
}

TEST_F(Machine, OnlyWritesOfMtrrsExit) {
    ASSERT_EQ(set_up(), VISOR_OK);
    const u8* bitmap = static_cast<const u8*>(shim_phys_to_virt(globals.linux_msr_bitmap_phys));
    u32 set = 0;
    for (u32 i = 0; i < page_size; ++i) set += static_cast<u32>(__builtin_popcount(bitmap[i]));
    EXPECT_EQ(set, 2 * 10 + 11 + 1u);
    for (const u32 msr : {0x200u, 0x213u, 0x250u, 0x258u, 0x259u, 0x268u, 0x26fu, 0x2ffu})
        EXPECT_TRUE(bitmap[2048 + msr / 8] & (1 << msr % 8)) << std::hex << msr;
    const u8* guest = static_cast<const u8*>(shim_phys_to_virt(globals.rm_msr_bitmap_phys));
    for (u32 i = 0; i < page_size; ++i) ASSERT_EQ(guest[i], 0xff);
}

TEST_F(Machine, LinuxReadsTheVisorAndWritesOnlyThePublicPart) {
    ASSERT_EQ(set_up(), VISOR_OK);
    ASSERT_EQ(set_up_cpu(), VISOR_OK);
    EXPECT_TRUE(linux_entry(cpu_phys).entry & writable);
    ASSERT_EQ(visor_protect(), VISOR_OK);
    const auto phys_of = [this](const void* at) {
        return cpu_phys + (reinterpret_cast<u64>(at) - reinterpret_cast<u64>(&cpu));
    };
    const auto is_protected = [](u64 phys) {
        const auto leaf = linux_entry(phys);
        return leaf.level == 1 && leaf.phys() == phys && (leaf.entry & ept_present) == 1;
    };
    EXPECT_TRUE(is_protected(cpu_phys));
    EXPECT_TRUE(is_protected(phys_of(&cpu.stack)));
    EXPECT_TRUE(is_protected(phys_of(&cpu + 1) - page_size));
    EXPECT_TRUE(is_protected(trace_phys));
    EXPECT_TRUE(is_protected(globals.linux_msr_bitmap_phys));
    EXPECT_TRUE(is_protected(globals.rm_msr_bitmap_phys));
    EXPECT_TRUE(is_protected(globals.root_cr3));
    EXPECT_TRUE(is_protected(globals.linux_ept_pointer & ~page_mask));
    EXPECT_TRUE(is_protected(image_phys + 2 * page_size));
    EXPECT_TRUE(linux_entry(phys_of(&cpu.shared)).entry & writable);
    EXPECT_TRUE(linux_entry(phys_of(&cpu + 1)).entry & writable);
    // Text can be executed; what belongs to hardware reads as zeros.
    EXPECT_EQ(linux_entry(image_phys).entry & ept_present, 5u);
    for (const void* region : {&cpu.vmxon_region, &cpu.linux_vmcs, &cpu.rm_vmcs}) {
        const auto leaf = linux_entry(phys_of(region));
        EXPECT_NE(leaf.phys(), phys_of(region));
        EXPECT_EQ(leaf.entry & ept_present, 1u);
    }
}

TEST_F(Machine, RootMapsItselfWithGuardPagesLeftOut) {
    ASSERT_EQ(set_up(), VISOR_OK);
    ASSERT_EQ(set_up_cpu(), VISOR_OK);
    EXPECT_EQ(root_entry(&cpu).phys(), cpu_phys);
    EXPECT_EQ(root_entry(ring.get()).phys(), trace_phys);
    for (const void* guard : {static_cast<const void*>(&cpu.stack.guard),
                              static_cast<const void*>(&cpu.nmi_stack.guard),
                              static_cast<const void*>(&cpu.fault_stack.guard),
                              static_cast<const void*>(&cpu.double_fault_stack.guard)})
        EXPECT_EQ(root_entry(guard).entry, 0u);
    EXPECT_NE(root_entry(&cpu.double_fault_stack.stack).entry, 0u);
    EXPECT_EQ(root_entry(reinterpret_cast<void*>(root_apic_virtual)).entry, 0u);
}

TEST_F(Machine, WithoutX2apicRootMapsTheApic) {
    setup_args = {.x2apic = 0, .apic_phys = 0xfee00000};
    ASSERT_EQ(set_up(), VISOR_OK);
    const auto leaf = root_entry(reinterpret_cast<void*>(root_apic_virtual));
    EXPECT_EQ(leaf.phys(), 0xfee00000u);
    EXPECT_EQ(leaf.entry & 0x1f, 0x1bu) << "writable, and uncacheable by PWT and PCD";
}

TEST_F(Machine, TablesOfRoot) {
    ASSERT_EQ(set_up(), VISOR_OK);
    ASSERT_EQ(set_up_cpu(), VISOR_OK);
    EXPECT_EQ(cpu.gdt[root_code_selector / 8], 0x00af9b000000ffffu);
    const u64 low = cpu.gdt[root_tss_selector / 8];
    const u64 base =
        (low >> 16 & 0xffffff) | (low >> 56 << 24) | cpu.gdt[root_tss_selector / 8 + 1] << 32;
    EXPECT_EQ(base, reinterpret_cast<u64>(&cpu.tss));
    EXPECT_EQ(low >> 40 & 0xff, 0x8bu);
    for (u32 vector = 0; vector < 32; ++vector) {
        const u64 gate = cpu.idt[vector].low;
        EXPECT_EQ(gate >> 40 & 0xff, 0x8eu) << vector;
        EXPECT_EQ(gate >> 16 & 0xffff, 0x10u) << vector;
        EXPECT_EQ(gate >> 32 & 7, vector == 2 ? 1u : vector == 8 ? 3u : 2u) << vector;
        const u64 handler = (gate & 0xffff) | (gate >> 48 << 16) | cpu.idt[vector].high << 32;
        EXPECT_EQ(handler, vector == 2 ? reinterpret_cast<u64>(visor_nmi)
                                       : reinterpret_cast<u64>(visor_fault_stubs) +
                                             u64{vector} * FAULT_STUB_BYTES)
            << vector;
    }
    EXPECT_EQ(cpu.idt[32].low, 0u);
    EXPECT_EQ(cpu.tss.ist[0], cpu.nmi_stack.top());
    EXPECT_EQ(cpu.tss.ist[1], cpu.fault_stack.top());
    EXPECT_EQ(cpu.tss.ist[2], cpu.double_fault_stack.top());
    const u32 revision = *reinterpret_cast<u32*>(cpu.linux_vmcs.bytes);
    EXPECT_EQ(revision, 0x12u);
    EXPECT_EQ(root_frame(cpu) % 16, 0u);
}

TEST_F(Machine, ANewMapHasTheNewTypesAndTheSameProtection) {
    ASSERT_EQ(set_up(), VISOR_OK);
    ASSERT_EQ(set_up_cpu(), VISOR_OK);
    ASSERT_EQ(visor_protect(), VISOR_OK);
    fake::cpu().set(Msr::mtrr_def_type, 0xc00);  // uncacheable
    rmv_u64 pointer = 0;
    for (u64 n = 1;; ++n) {
        fake::fail_allocation(n);
        const u64 before = fake::live_pages();
        const u32 status = visor_mtrr_rebuild(&pointer);
        if (status == VISOR_OK) break;
        ASSERT_EQ(status, VISOR_NO_MEMORY);
        ASSERT_EQ(pointer, 0u);
        ASSERT_EQ(fake::live_pages(), before);
    }
    fake::fail_allocation(0);
    EXPECT_NE(pointer, globals.linux_ept_pointer);
    globals.linux_ept_pointer = pointer;
    visor_mtrr_retire();
    EXPECT_EQ(visor_table_pages(), fake::live_pages());
    EXPECT_EQ(linux_entry(0x1'0000'0000).entry >> 3 & 7, 0u);
    EXPECT_FALSE(linux_entry(cpu_phys).entry & writable);
}

TEST_F(Machine, MapsTakeTurns) {
    ASSERT_EQ(set_up(), VISOR_OK);
    ASSERT_EQ(set_up_cpu(), VISOR_OK);
    ASSERT_EQ(visor_protect(), VISOR_OK);
    const u64 first = globals.linux_ept_pointer;
    for (int turn = 0; turn < 4; ++turn) {
        rmv_u64 pointer = 0;
        ASSERT_EQ(visor_mtrr_rebuild(&pointer), VISOR_OK);
        ASSERT_NE(pointer, globals.linux_ept_pointer);
        globals.linux_ept_pointer = pointer;
        visor_mtrr_retire();
        ASSERT_EQ(visor_table_pages(), fake::live_pages());
    }
    EXPECT_NE(first, 0u);
}

TEST_F(Machine, NewRingsHaveTablesOfTheirOwn) {
    ASSERT_EQ(set_up(), VISOR_OK);
    ASSERT_EQ(set_up_cpu(), VISOR_OK);
    ASSERT_EQ(visor_protect(), VISOR_OK);
    auto other = std::make_unique<Aligned>();
    const u64 other_phys = trace_phys + 0x1000'0000;
    fake::add_virtual_range(reinterpret_cast<u64>(other.get()), other_phys, sizeof(Aligned));
    Aligned* const rings[] = {other.get(), ring.get(), other.get()};
    for (Aligned* const next : rings) {
        visor_ring_args& told = cpu.shared.ring;
        const u64 root_before = globals.root_cr3;
        const u64 pages_before = fake::live_pages();
        told = {.virt = reinterpret_cast<u64>(next), .records = trace_records};
        for (u64 n = 1;; ++n) {
            fake::fail_allocation(n);
            const u32 status = visor_rings_rebuild();
            if (status == VISOR_OK) break;
            ASSERT_EQ(status, VISOR_NO_MEMORY);
            ASSERT_EQ(told.root_cr3, 0u);
            ASSERT_EQ(fake::live_pages(), pages_before) << "allocation " << n;
        }
        fake::fail_allocation(0);
        EXPECT_EQ(globals.root_cr3, root_before) << "until a CPU takes them";
        EXPECT_NE(told.root_cr3, root_before);
        globals.root_cr3 = told.root_cr3;
        globals.linux_ept_pointer = told.ept_pointer;
        visor_rings_retire();
        EXPECT_EQ(visor_table_pages(), fake::live_pages());
        const bool is_other = next == other.get();
        EXPECT_EQ(root_entry(next).phys(), is_other ? other_phys : trace_phys);
        EXPECT_EQ(root_entry(is_other ? ring.get() : other.get()).entry, 0u);
        EXPECT_EQ((linux_entry(other_phys).entry & writable) == 0, is_other);
        EXPECT_EQ((linux_entry(trace_phys).entry & writable) == 0, !is_other);
        EXPECT_FALSE(linux_entry(cpu_phys).entry & writable);
    }
}

TEST_F(Machine, ComponentsOfXsave) {
    fake::cpu().leaves[{0xd, 0}] = {0x2e7, 0, 0, 0};
    ASSERT_EQ(set_up(), VISOR_OK);
    EXPECT_EQ(globals.guest_xcr0, 0xe7u);  // not PKRU
    visor_destroy();
    fake::cpu().leaves[{1, 0}].ecx &= ~(1u << 26);
    ASSERT_EQ(set_up(), VISOR_OK);
    EXPECT_FALSE(globals.has_xsave);
    EXPECT_EQ(globals.guest_xcr0, 1u);
}

TEST_F(Machine, TheApicPageIsForCpusThatCan) {
    ASSERT_EQ(set_up(), VISOR_OK);
    const u64 page = globals.apic_access_phys;
    globals.facts.secondary_controls |=
        mask(Secondary::virtualize_apic_accesses, Secondary::apic_register_virtualization) << 32;
    EXPECT_EQ(visor_apic_access_page(), page);
    globals.facts.secondary_controls &= ~(mask(Secondary::virtualize_apic_accesses) << 32);
    EXPECT_EQ(visor_apic_access_page(), 0u);
}

}  // namespace
}  // namespace rmv
