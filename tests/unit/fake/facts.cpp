// SPDX-License-Identifier: GPL-2.0-only
#include "facts.hpp"

#include "cpu.hpp"

namespace rmv {

visor_cpu_facts haswell_facts() {
    visor_cpu_facts facts{};
    facts.vmx_basic = 0x00da040000000012;
    facts.pin_controls = 0x0000007f00000016;
    facts.primary_controls = 0xfff9fffe04006172;
    facts.secondary_controls = 0x00007cff00000000;
    facts.exit_controls = 0x007fffff00036dfb;
    facts.entry_controls = 0x0000ffff000011fb;
    facts.ept_vpid_cap = 0x00000f0106734141;
    facts.cr0_fixed0 = 0x80000021;
    facts.cr0_fixed1 = 0xffffffff;
    facts.cr4_fixed0 = 0x2000;
    facts.cr4_fixed1 = 0x1767ff;
    facts.cr4 = 0x1706f0;
    facts.feature_control = 5;
    facts.has_vmx = 1;
    facts.physical_bits = 39;
    return facts;
}

}  // namespace rmv

namespace fake {

void provide(const visor_cpu_facts& facts) {
    const std::pair<Msr, u64> msrs[] = {
        {Msr::feature_control, facts.feature_control},
        {Msr::vmx_basic, facts.vmx_basic},
        {Msr::vmx_misc, facts.vmx_misc},
        {Msr::vmx_cr0_fixed0, facts.cr0_fixed0},
        {Msr::vmx_cr0_fixed1, facts.cr0_fixed1},
        {Msr::vmx_cr4_fixed0, facts.cr4_fixed0},
        {Msr::vmx_cr4_fixed1, facts.cr4_fixed1},
        {Msr::vmx_true_pinbased_ctls, facts.pin_controls},
        {Msr::vmx_true_procbased_ctls, facts.primary_controls},
        {Msr::vmx_true_exit_ctls, facts.exit_controls},
        {Msr::vmx_true_entry_ctls, facts.entry_controls},
        {Msr::vmx_procbased_ctls2, facts.secondary_controls},
        {Msr::vmx_ept_vpid_cap, facts.ept_vpid_cap},
    };
    for (const auto& [msr, value] : msrs) cpu().set(msr, value);
    cpu().cr4 = facts.cr4;
}

}  // namespace fake
