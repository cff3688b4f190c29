// SPDX-License-Identifier: GPL-2.0-only
// SDM volume 3, "Checks on Guest Non-Register State" and "Checks on Guest
// Page-Directory-Pointer-Table Entries".
#include "vmx/entry_check/event.hpp"
#include "vmx/entry_check/rule.hpp"
#include "x86/segment.hpp"

namespace rmv {
namespace {

enum class DebugCtl : u64 { btf = bit(1) };

// Pending debug exceptions.
enum class PendingDebug : u64 {
    enabled_breakpoint = bit(12),
    single_step = bit(14),
    rtm = bit(16)
};

[[nodiscard]] Activity activity(const EntryState& state) noexcept {
    return static_cast<Activity>(state.read(Field::guest_activity));
}

[[nodiscard]] bool is_blocked(const EntryState& state, Interruptibility one) noexcept {
    return has(state.read(Field::guest_interruptibility), one);
}

[[nodiscard]] bool is_blocked_by_instruction(const EntryState& state) noexcept {
    return is_blocked(state, Interruptibility::blocking_by_sti) ||
           is_blocked(state, Interruptibility::blocking_by_mov_ss);
}

// IA32_VMX_MISC[8:6]: HLT, shutdown, wait-for-SIPI.
bool activity_supported(const EntryState& state) noexcept {
    constexpr unsigned misc_first_activity = 5;
    const u64 value = state.read(Field::guest_activity);
    return value == static_cast<u64>(Activity::active) ||
           (value <= static_cast<u64>(Activity::wait_for_sipi) &&
            (state.cpu().vmx_misc >> (misc_first_activity + value) & 1) != 0);
}

bool hlt_needs_ss_dpl_0(const EntryState& state) noexcept {
    return activity(state) != Activity::hlt ||
           bits(state.read(Field::guest_ss_access_rights), access_rights_dpl_shift + 1,
                access_rights_dpl_shift) == 0;
}

bool blocking_needs_active(const EntryState& state) noexcept {
    return !is_blocked_by_instruction(state) || activity(state) == Activity::active;
}

[[nodiscard]] bool wakes_from_hlt(const InjectedEvent& event) noexcept {
    return event.type == InterruptionType::external_interrupt ||
           event.type == InterruptionType::nmi ||
           (event.type == InterruptionType::hardware_exception &&
            (event.is(Vector::debug) || event.is(Vector::machine_check))) ||
           (event.type == InterruptionType::other_event && event.vector == 0);
}

[[nodiscard]] bool wakes_from_shutdown(const InjectedEvent& event) noexcept {
    return event.type == InterruptionType::nmi ||
           (event.type == InterruptionType::hardware_exception && event.is(Vector::machine_check));
}

bool event_wakes_activity(const EntryState& state) noexcept {
    const InjectedEvent event = injected_event(state);
    if (!event.is_valid) return true;
    switch (activity(state)) {
        case Activity::active: return true;
        case Activity::hlt: return wakes_from_hlt(event);
        case Activity::shutdown: return wakes_from_shutdown(event);
        case Activity::wait_for_sipi: return false;
    }
    return true;  // activity_supported() speaks up
}

bool interruptibility_reserved(const EntryState& state) noexcept {
    return bits(state.read(Field::guest_interruptibility), 31, 5) == 0;
}

bool not_blocked_by_sti_and_mov_ss(const EntryState& state) noexcept {
    return !is_blocked(state, Interruptibility::blocking_by_sti) ||
           !is_blocked(state, Interruptibility::blocking_by_mov_ss);
}

bool sti_blocking_needs_if(const EntryState& state) noexcept {
    return !is_blocked(state, Interruptibility::blocking_by_sti) || state.guest_has(Rflags::iflag);
}

bool injected_interrupt_not_blocked(const EntryState& state) noexcept {
    return !injected_event(state).is(InterruptionType::external_interrupt) ||
           !is_blocked_by_instruction(state);
}

bool injected_nmi_not_blocked_by_mov_ss(const EntryState& state) noexcept {
    return !injected_event(state).is(InterruptionType::nmi) ||
           !is_blocked(state, Interruptibility::blocking_by_mov_ss);
}

bool no_smi_blocking(const EntryState& state) noexcept {
    return !is_blocked(state, Interruptibility::blocking_by_smi);
}

bool injected_virtual_nmi_not_blocked(const EntryState& state) noexcept {
    return !state.is_set(Pin::virtual_nmis) || !injected_event(state).is(InterruptionType::nmi) ||
           !is_blocked(state, Interruptibility::blocking_by_nmi);
}

bool enclave_interruption_without_mov_ss(const EntryState& state) noexcept {
    constexpr u64 enclave_interruption = bit(4);
    return (state.read(Field::guest_interruptibility) & enclave_interruption) == 0 ||
           !is_blocked(state, Interruptibility::blocking_by_mov_ss);
}

// Bit 11 is the bus lock of newer CPUs; it is let pass.
bool pending_debug_reserved(const EntryState& state) noexcept {
    const u64 pending = state.read(Field::guest_pending_debug);
    return bits(pending, 10, 4) == 0 && bits(pending, 13, 13) == 0 && bits(pending, 15, 15) == 0 &&
           bits(pending, 63, 17) == 0;
}

// Where an instruction boundary was missed, a single-step trap is pending if and only if TF asks
// for one after each instruction.
bool pending_single_step_fits_tf(const EntryState& state) noexcept {
    if (!is_blocked_by_instruction(state) && activity(state) != Activity::hlt) return true;
    const bool is_stepping =
        state.guest_has(Rflags::tf) && !has(state.read(Field::guest_debugctl), DebugCtl::btf);
    return has(state.read(Field::guest_pending_debug), PendingDebug::single_step) == is_stepping;
}

bool pending_rtm_stands_alone(const EntryState& state) noexcept {
    const u64 pending = state.read(Field::guest_pending_debug);
    return !has(pending, PendingDebug::rtm) ||
           (pending == mask(PendingDebug::rtm, PendingDebug::enabled_breakpoint) &&
            !is_blocked(state, Interruptibility::blocking_by_mov_ss));
}

bool link_pointer_is_page_or_none(const EntryState& state) noexcept {
    constexpr u64 none = ~u64{0};
    return state.read(Field::vmcs_link_pointer) == none ||
           state.is_vmx_page(Field::vmcs_link_pointer);
}

// With EPT and PAE paging the entry takes the PDPTEs from the VMCS.
[[nodiscard]] bool loads_pdptes(const EntryState& state) noexcept {
    return state.is_set(Secondary::ept) && !state.is_ia32e() && state.guest_has(Cr0::pg) &&
           state.guest_has(Cr4::pae);
}

// Present entries: bits 2:1, 8:5 and those above the physical-address width.
template <Field pdpte>
bool pdpte_reserved(const EntryState& state) noexcept {
    constexpr u64 present = bit(0);
    if (!loads_pdptes(state)) return true;
    const u64 entry = state.read(pdpte);
    return (entry & present) == 0 ||
           (bits(entry, 2, 1) == 0 && bits(entry, 8, 5) == 0 && state.is_physical(entry));
}

constexpr EntryRule rules[] = {
    {"guest activity state: one that the CPU supports (IA32_VMX_MISC[8:6])", activity_supported},
    {"guest activity state HLT needs DPL 0 of SS", hlt_needs_ss_dpl_0},
    {"guest activity state is active while STI or MOV SS blocks", blocking_needs_active},
    {"injected event: one that ends the guest's activity state", event_wakes_activity},
    {"guest interruptibility: bits 31:5 are 0", interruptibility_reserved},
    {"guest interruptibility: not blocking by both STI and MOV SS", not_blocked_by_sti_and_mov_ss},
    {"guest interruptibility: blocking by STI needs RFLAGS.IF", sti_blocking_needs_if},
    {"guest interruptibility: no blocking by STI or MOV SS when an external interrupt is injected",
     injected_interrupt_not_blocked},
    {"guest interruptibility: no blocking by MOV SS when an NMI is injected",
     injected_nmi_not_blocked_by_mov_ss},
    {"guest interruptibility: no blocking by SMI outside SMM", no_smi_blocking},
    {"guest interruptibility: no blocking by NMI when a virtual NMI is injected",
     injected_virtual_nmi_not_blocked},
    {"guest interruptibility: enclave interruption excludes blocking by MOV SS",
     enclave_interruption_without_mov_ss},
    {"guest pending debug exceptions: reserved bits are 0", pending_debug_reserved},
    {"guest pending debug exceptions: BS fits RFLAGS.TF and IA32_DEBUGCTL.BTF while STI or MOV SS "
     "blocks or in HLT",
     pending_single_step_fits_tf},
    {"guest pending debug exceptions: RTM comes with bit 12 alone and no blocking by MOV SS",
     pending_rtm_stands_alone},
    {"VMCS link pointer: none (all ones), or a page within the physical-address width",
     link_pointer_is_page_or_none},
    {"guest PDPTE0: reserved bits are 0", pdpte_reserved<Field::guest_pdpte0>},
    {"guest PDPTE1: reserved bits are 0", pdpte_reserved<Field::guest_pdpte1>},
    {"guest PDPTE2: reserved bits are 0", pdpte_reserved<Field::guest_pdpte2>},
    {"guest PDPTE3: reserved bits are 0", pdpte_reserved<Field::guest_pdpte3>},
};

}  // namespace

constinit const std::span<const EntryRule> guest_non_register_rules{rules};

u32 broken_guest_non_register_rule(const EntryState& state) noexcept {
    return first_broken<rules>(state);
}

}  // namespace rmv
