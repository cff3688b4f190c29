// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/cpuid.hpp"

#include "rm_guest/control_registers.hpp"
#include "rm_guest/fpu.hpp"
#include "vmx/globals.hpp"

namespace rmv {

namespace {

constexpr u32 leaf_features = 1, leaf_xsave = 0xd;
constexpr u32 leaf_topology = 0xb, leaf_topology_v2 = 0x1f;
constexpr u32 ecx_osxsave = 1u << 27;
constexpr u32 edx_apic = 1u << 9;
constexpr u64 apic_base_enable = bit(11);

const visor_cpuid_entry* find(const visor_cpuid_table& table, u32 leaf, u32 subleaf) noexcept {
    for (u32 i = 0; i < table.count; ++i) {
        const visor_cpuid_entry& entry = table.entries[i];
        if (entry.leaf == leaf && (entry.subleaf_matters == 0 || entry.subleaf == subleaf))
            return &entry;
    }
    return nullptr;
}

// Intel CPUs answer a leaf beyond the last one with the data of the last basic leaf. The ranges of
// hypervisors and of extended functions have their own last leaf.
const visor_cpuid_entry* find_out_of_range(const visor_cpuid_table& table, u32 leaf,
                                           u32 subleaf) noexcept {
    constexpr u32 hypervisor = 0x40000000, range = 0x80000000, hypervisor_range = 0xffffff00;
    const visor_cpuid_entry* basic = find(table, 0, 0);
    if (basic == nullptr) return nullptr;
    const bool is_hypervisor = leaf >= hypervisor && leaf < hypervisor + 0x10000000;
    const u32 first = is_hypervisor ? leaf & hypervisor_range : leaf & range;
    const visor_cpuid_entry* head = first == 0 ? basic : find(table, first, 0);
    if (head != nullptr && leaf <= head->eax) return nullptr;
    return find(table, basic->eax, subleaf);
}

// Bytes of a XSAVE image in standard format with these components.
u32 xsave_bytes(u64 components) noexcept {
    constexpr u32 legacy_and_header = 576;
    u32 bytes = legacy_and_header;
    for (u32 i = 2; bit(i) <= components; ++i) {
        if ((components & bit(i)) == 0) continue;
        const insn::CpuidRegs part = insn::cpuid(leaf_xsave, i);
        const u32 end = part.ebx + part.eax;
        bytes = end > bytes ? end : bytes;
    }
    return bytes;
}

void set_bit(u32& word, u32 which, bool on) noexcept { word = on ? word | which : word & ~which; }

// The bits that follow the guest's registers.
visor_cpuid_entry as_seen_now(const Cpu& cpu, Vmcs& vmcs, visor_cpuid_entry entry) noexcept {
    if (entry.leaf == leaf_features) {
        set_bit(entry.ecx, ecx_osxsave, has(read_guest_cr4(vmcs), Cr4::osxsave));
        if ((cpu.rm.apic_base & apic_base_enable) == 0) set_bit(entry.edx, edx_apic, false);
    }
    if (entry.leaf == leaf_xsave && entry.subleaf == 0 && globals.has_xsave)
        entry.ebx = xsave_bytes(read_guest_xcr0());
    return entry;
}

visor_cpuid_entry answer_for(const Cpu& cpu, Vmcs& vmcs, u32 leaf, u32 subleaf) noexcept {
    const visor_cpuid_table& table = cpu.rm_cpuid;
    const visor_cpuid_entry* entry = find(table, leaf, subleaf);
    if (entry == nullptr) entry = find_out_of_range(table, leaf, subleaf);
    if (entry != nullptr) return as_seen_now(cpu, vmcs, *entry);
    visor_cpuid_entry none{};
    // A subleaf of the topology that is not there: its number and the x2APIC id all the same.
    if (leaf == leaf_topology || leaf == leaf_topology_v2) {
        if (const visor_cpuid_entry* first = find(table, leaf, 1)) {
            none.ecx = subleaf & 0xff;
            none.edx = first->edx;
        }
    }
    return none;
}

}  // namespace

Status get_cpuid_table(Cpu& cpu, visor_cpuid_table& table) noexcept {
    Vmcs vmcs;
    table.count = cpu.rm_cpuid.count;
    for (u32 i = 0; i < table.count; ++i)
        table.entries[i] = as_seen_now(cpu, vmcs, cpu.rm_cpuid.entries[i]);
    return vmcs.status();
}

Status set_cpuid_table(Cpu& cpu, const visor_cpuid_table& table) noexcept {
    const u32 count = table.count;
    if (count > RMV_CPUID_ENTRIES) return {VISOR_BAD_ARGUMENT, count};
    for (u32 i = 0; i < count; ++i) cpu.rm_cpuid.entries[i] = table.entries[i];
    cpu.rm_cpuid.count = count;
    return success;
}

Action handle_rm_cpuid(ExitContext& exit) noexcept {
    const visor_cpuid_entry seen =
        answer_for(exit.cpu, exit.vmcs, low32(exit.gprs.rax), low32(exit.gprs.rcx));
    exit.gprs.rax = seen.eax;
    exit.gprs.rbx = seen.ebx;
    exit.gprs.rcx = seen.ecx;
    exit.gprs.rdx = seen.edx;
    return Action::skip;
}

}  // namespace rmv
