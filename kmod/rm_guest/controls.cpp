// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/controls.hpp"

#include "exit/event.hpp"
#include "x86/msr.hpp"

namespace rmv {

namespace {

// Virtual NMIs: with them the guest's NMI blocking never keeps a kick out.
constexpr u64 pin_required = mask(Pin::external_interrupt_exiting, Pin::nmi_exiting,
                                  Pin::virtual_nmis, Pin::preemption_timer);

// MOV CR8 would reach the TPR of the physical APIC. I/O and MSRs are the machine's: every access
// exits.
constexpr u64 primary_required =
    mask(Primary::tsc_offsetting, Primary::hlt_exiting, Primary::rdpmc_exiting,
         Primary::cr8_load_exiting, Primary::cr8_store_exiting, Primary::unconditional_io_exiting,
         Primary::msr_bitmaps, Primary::secondary_controls);

// Not allowed on CPUs without MONITOR, where the instructions are undefined anyway.
constexpr u64 primary_optional = mask(Primary::mwait_exiting, Primary::monitor_exiting);

constexpr u64 secondary_required =
    mask(Secondary::ept, Secondary::vpid, Secondary::unrestricted_guest);

constexpr u64 exit_required =
    mask(ExitControl::host_address_space_size, ExitControl::acknowledge_interrupt,
         ExitControl::save_debug_controls, ExitControl::save_pat, ExitControl::load_pat,
         ExitControl::save_efer, ExitControl::load_efer);

// "IA-32e mode guest" follows EFER.LMA: see write_guest_efer().
constexpr u64 entry_required =
    mask(EntryControl::load_debug_controls, EntryControl::load_pat, EntryControl::load_efer);

// A machine check is the machine's, never the guest's.
constexpr u32 exceptions_that_exit = 1u << static_cast<u32>(Vector::machine_check);

Status missing(Msr capability, const ControlSet& controls) noexcept {
    if (controls.missing() == 0) return success;
    return {VISOR_NO_CONTROL, join(static_cast<u32>(capability), controls.missing())};
}

}  // namespace

GuestControls guest_controls(const visor_cpu_facts& facts) noexcept {
    return {
        .pin = {facts.pin_controls, pin_required, 0},
        .primary = {facts.primary_controls, primary_required, primary_optional},
        .secondary = {facts.secondary_controls, secondary_required, 0},
        .exit = {facts.exit_controls, exit_required, 0},
        .entry = {facts.entry_controls, entry_required, 0},
    };
}

Status check_controls(const GuestControls& controls) noexcept {
    RMV_TRY(missing(Msr::vmx_true_pinbased_ctls, controls.pin));
    RMV_TRY(missing(Msr::vmx_true_procbased_ctls, controls.primary));
    RMV_TRY(missing(Msr::vmx_procbased_ctls2, controls.secondary));
    RMV_TRY(missing(Msr::vmx_true_exit_ctls, controls.exit));
    return missing(Msr::vmx_true_entry_ctls, controls.entry);
}

void write_controls(Vmcs& vmcs, const GuestControls& controls) noexcept {
    vmcs.write<Field::pin_based_controls>(controls.pin.value());
    vmcs.write<Field::primary_processor_controls>(controls.primary.value());
    vmcs.write<Field::secondary_processor_controls>(controls.secondary.value());
    vmcs.write<Field::exit_controls>(controls.exit.value());
    vmcs.write<Field::entry_controls>(controls.entry.value());
    vmcs.write<Field::exception_bitmap>(exceptions_that_exit);
}

}  // namespace rmv
