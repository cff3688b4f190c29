// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/facts.hpp"

#include "vmx/ept_vpid_cap.hpp"
#include "x86/control_registers.hpp"
#include "x86/insn.hpp"

namespace rmv {

namespace {

constexpr u64 cpuid1_ecx_vmx = bit(5);
constexpr u64 vmx_basic_true_controls = bit(55);
constexpr u64 feature_control_locked = bit(0);
constexpr u64 feature_control_vmx = bit(2);
constexpr u32 cpuid_features = 1;
constexpr u32 cpuid_extended_features = 7;
constexpr u32 cpuid_address_sizes = 0x80000008;
constexpr u64 cpuid7_ecx_shadow_stack = bit(7);
constexpr u64 cpuid7_edx_ibt = bit(20);

// CR4 bits whose meaning for a guest in VMX operation is known here; another one in use by Linux
// may need a control that we would not set.
constexpr u64 known_cr4 =
    mask(Cr4::vme, Cr4::pvi, Cr4::tsd, Cr4::de, Cr4::pse, Cr4::pae, Cr4::mce, Cr4::pge, Cr4::pce,
         Cr4::osfxsr, Cr4::osxmmexcpt, Cr4::umip, Cr4::la57, Cr4::vmxe, Cr4::smxe, Cr4::fsgsbase,
         Cr4::pcide, Cr4::osxsave, Cr4::kl, Cr4::smep, Cr4::smap, Cr4::pke, Cr4::cet, Cr4::pks,
         Cr4::uintr, Cr4::lass, Cr4::lam_sup);

[[nodiscard]] constexpr bool allows(u64 capability, u64 controls) noexcept {
    return (high32(capability) & controls) == controls;
}

[[nodiscard]] bool has_cet() noexcept {
    if (insn::cpuid(0, 0).eax < cpuid_extended_features) return false;
    const auto leaf = insn::cpuid(cpuid_extended_features, 0);
    return (leaf.ecx & cpuid7_ecx_shadow_stack) != 0 || (leaf.edx & cpuid7_edx_ibt) != 0;
}

// Each MSR exists only if the one before says so.
void read_controls(visor_cpu_facts& facts) noexcept {
    facts.pin_controls = insn::rdmsr(Msr::vmx_true_pinbased_ctls);
    facts.primary_controls = insn::rdmsr(Msr::vmx_true_procbased_ctls);
    facts.exit_controls = insn::rdmsr(Msr::vmx_true_exit_ctls);
    facts.entry_controls = insn::rdmsr(Msr::vmx_true_entry_ctls);
    if (!allows(facts.primary_controls, mask(Primary::secondary_controls))) return;
    facts.secondary_controls = insn::rdmsr(Msr::vmx_procbased_ctls2);
    if (allows(facts.secondary_controls, mask(Secondary::ept)) ||
        allows(facts.secondary_controls, mask(Secondary::vpid)))
        facts.ept_vpid_cap = insn::rdmsr(Msr::vmx_ept_vpid_cap);
}

void read_vmx(visor_cpu_facts& facts) noexcept {
    facts.feature_control = insn::rdmsr(Msr::feature_control);
    facts.vmx_basic = insn::rdmsr(Msr::vmx_basic);
    facts.vmx_misc = insn::rdmsr(Msr::vmx_misc);
    facts.cr0_fixed0 = insn::rdmsr(Msr::vmx_cr0_fixed0);
    facts.cr0_fixed1 = insn::rdmsr(Msr::vmx_cr0_fixed1);
    facts.cr4_fixed0 = insn::rdmsr(Msr::vmx_cr4_fixed0);
    facts.cr4_fixed1 = insn::rdmsr(Msr::vmx_cr4_fixed1);
    if ((facts.vmx_basic & vmx_basic_true_controls) != 0) read_controls(facts);
}

struct Requirement {
    bool met;
    visor_status refusal;
    u64 detail;
};

template <unsigned long count>
[[nodiscard]] Status first_unmet(const Requirement (&requirements)[count]) noexcept {
    for (const Requirement& one : requirements)
        if (!one.met) return {one.refusal, one.detail};
    return success;
}

// VMX must be usable: either the firmware left the lock open (Linux or we set it), or it is on.
[[nodiscard]] bool feature_control_usable(u64 value) noexcept {
    constexpr u64 needed = feature_control_locked | feature_control_vmx;
    return (value & needed) == needed;
}

[[nodiscard]] Status check_environment(const visor_cpu_facts& facts) noexcept {
    const u64 unknown = facts.cr4 & ~known_cr4 & ~mask(Cr4::fred);
    const Requirement requirements[] = {
        {facts.has_vmx != 0, VISOR_NO_VMX, 0},
        {!has(facts.cr4, Cr4::vmxe), VISOR_VMX_IN_USE, 0},
        {feature_control_usable(facts.feature_control), VISOR_FEATURE_CONTROL_OFF,
         facts.feature_control},
        {!has(facts.cr4, Cr4::fred), VISOR_FRED_IN_USE, 0},
        {!has(facts.s_cet, SCet::shstk_en), VISOR_SHADOW_STACK_IN_USE, 0},
        {unknown == 0, VISOR_UNKNOWN_CR4, unknown},
        {(facts.vmx_basic & vmx_basic_true_controls) != 0, VISOR_NO_TRUE_CONTROLS, 0},
    };
    return first_unmet(requirements);
}

[[nodiscard]] Status check_features(const visor_cpu_facts& facts) noexcept {
    constexpr u64 nmi = mask(Pin::nmi_exiting, Pin::virtual_nmis);
    constexpr u64 ept_features =
        mask(EptVpidCap::page_walk_4, EptVpidCap::paging_structures_wb, EptVpidCap::invept,
             EptVpidCap::invept_single_context, EptVpidCap::invept_all_context);
    constexpr u64 vpid_features = mask(EptVpidCap::invvpid, EptVpidCap::invvpid_single_context);
    const Requirement requirements[] = {
        {allows(facts.primary_controls, mask(Primary::secondary_controls)),
         VISOR_NO_SECONDARY_CONTROLS, 0},
        {allows(facts.secondary_controls, mask(Secondary::ept)), VISOR_NO_EPT, 0},
        {(facts.ept_vpid_cap & ept_features) == ept_features, VISOR_NO_EPT_FEATURE,
         facts.ept_vpid_cap},
        {allows(facts.secondary_controls, mask(Secondary::vpid)), VISOR_NO_VPID, 0},
        {(facts.ept_vpid_cap & vpid_features) == vpid_features, VISOR_NO_VPID, facts.ept_vpid_cap},
        {allows(facts.secondary_controls, mask(Secondary::unrestricted_guest)),
         VISOR_NO_UNRESTRICTED_GUEST, 0},
        {allows(facts.pin_controls, mask(Pin::preemption_timer)), VISOR_NO_PREEMPTION_TIMER, 0},
        {allows(facts.pin_controls, nmi), VISOR_NO_NMI_CONTROLS, 0},
    };
    return first_unmet(requirements);
}

[[nodiscard]] Status check_controls(const visor_cpu_facts& facts) noexcept {
    const struct {
        u64 capability;
        const ControlNeeds& needs;
        Msr msr;
    } words[] = {
        {facts.pin_controls, linux_controls.pin, Msr::vmx_true_pinbased_ctls},
        {facts.primary_controls, linux_controls.primary, Msr::vmx_true_procbased_ctls},
        {facts.secondary_controls, linux_controls.secondary, Msr::vmx_procbased_ctls2},
        {facts.exit_controls, linux_controls.exit, Msr::vmx_true_exit_ctls},
        {facts.entry_controls, linux_controls.entry, Msr::vmx_true_entry_ctls},
    };
    for (const auto& word : words)
        RMV_TRY(control_word(word.capability, word.needs, static_cast<u32>(word.msr)).status());
    return success;
}

}  // namespace

Result<u32> control_word(u64 capability, const ControlNeeds& needs, u32 msr) noexcept {
    const ControlSet word{capability, needs.required, needs.optional};
    if (word.missing() != 0) return Status{VISOR_NO_CONTROL, join(msr, word.missing())};
    return word.value();
}

Status check_facts(const visor_cpu_facts& facts) noexcept {
    RMV_TRY(check_environment(facts));
    RMV_TRY(check_features(facts));
    return check_controls(facts);
}

}  // namespace rmv

using namespace rmv;

void visor_read_facts(visor_cpu_facts* facts) {
    *facts = {};
    facts->cr4 = insn::read_cr4();
    facts->physical_bits = insn::cpuid(cpuid_address_sizes, 0).eax & 0xff;
    facts->has_vmx = (insn::cpuid(cpuid_features, 0).ecx & cpuid1_ecx_vmx) != 0;
    if (has(facts->cr4, Cr4::cet) && has_cet()) facts->s_cet = insn::rdmsr(Msr::s_cet);
    if (facts->has_vmx != 0) read_vmx(*facts);
}

rmv_u32 visor_check_facts(const visor_cpu_facts* facts, visor_refusal* refusal) {
    const Status status = check_facts(*facts);
    *refusal = {status.code, 0, status.detail};
    return status.code;
}

rmv_u32 visor_compare_facts(const visor_cpu_facts* first, const visor_cpu_facts* other,
                            visor_refusal* refusal) {
    // Everything but what differs from moment to moment on one CPU.
    constexpr u64 visor_cpu_facts::*compared[] = {
        &visor_cpu_facts::vmx_basic,        &visor_cpu_facts::pin_controls,
        &visor_cpu_facts::primary_controls, &visor_cpu_facts::secondary_controls,
        &visor_cpu_facts::exit_controls,    &visor_cpu_facts::entry_controls,
        &visor_cpu_facts::ept_vpid_cap,     &visor_cpu_facts::vmx_misc,
        &visor_cpu_facts::cr0_fixed0,       &visor_cpu_facts::cr0_fixed1,
        &visor_cpu_facts::cr4_fixed0,       &visor_cpu_facts::cr4_fixed1,
    };
    *refusal = {};
    u32 index = 0;
    for (const auto member : compared) {
        if (first->*member != other->*member) {
            *refusal = {VISOR_CPUS_DIFFER, 0, index};
            return VISOR_CPUS_DIFFER;
        }
        ++index;
    }
    if (first->physical_bits != other->physical_bits) {
        *refusal = {VISOR_CPUS_DIFFER, 0, index};
        return VISOR_CPUS_DIFFER;
    }
    return VISOR_OK;
}
