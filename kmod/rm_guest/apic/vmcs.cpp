// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/vmcs.hpp"

#include "rm_guest/clock.hpp"
#include "vmx/controls.hpp"
#include "vmx/globals.hpp"

namespace rmv::apic {

namespace {

constexpr u32 tpr_shadow = static_cast<u32>(mask(Primary::tpr_shadow));
constexpr u32 cr8_exiting =
    static_cast<u32>(mask(Primary::cr8_load_exiting, Primary::cr8_store_exiting));
constexpr u32 apic_accesses = static_cast<u32>(mask(Secondary::virtualize_apic_accesses));
constexpr u32 register_virtualization =
    static_cast<u32>(mask(Secondary::apic_register_virtualization));

bool is_xapic(const VcpuApic& apic) noexcept {
    return apic.is_on() && mode_of(apic.local.base) == ApicMode::xapic;
}

}  // namespace

bool has_xapic(const visor_cpu_facts& facts) noexcept {
    const u32 secondary = apic_accesses | register_virtualization;
    return (high32(facts.primary_controls) & tpr_shadow) == tpr_shadow &&
           (high32(facts.secondary_controls) & secondary) == secondary;
}

void write_controls(const Cpu& cpu, Vmcs& vmcs) noexcept {
    if (!cpu.rm.apic.is_on() || !has_xapic(globals.facts)) return;
    const bool xapic = is_xapic(cpu.rm.apic);
    const u32 primary =
        vmcs.read<Field::primary_processor_controls>() & ~(tpr_shadow | cr8_exiting);
    const u32 secondary =
        vmcs.read<Field::secondary_processor_controls>() & ~register_virtualization;
    vmcs.write<Field::primary_processor_controls>(primary | (xapic ? tpr_shadow : cr8_exiting));
    vmcs.write<Field::secondary_processor_controls>(secondary | apic_accesses |
                                                    (xapic ? register_virtualization : 0));
    vmcs.write<Field::virtual_apic_address>(u64{cpu.rm_apic_page_phys});
    vmcs.write<Field::apic_access_address>(u64{globals.apic_access_phys});
    vmcs.write<Field::tpr_threshold>(u32{0});
}

void prepare_entry(Cpu& cpu, Vmcs& vmcs) noexcept {
    const VcpuApic& apic = cpu.rm.apic;
    if (!apic.is_on()) return;
    const auto next = next_deadline(apic.local);
    set_deadline(cpu.rm.clock, Deadline::apic_timer, next ? *next : never);
    if (is_xapic(apic) && has_xapic(globals.facts))
        vmcs.write<Field::tpr_threshold>(tpr_threshold(apic.local));
}

}  // namespace rmv::apic
