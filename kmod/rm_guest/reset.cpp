// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/reset.hpp"

#include "rm_guest/apic/deliver.hpp"
#include "rm_guest/apic/vmcs.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/controls.hpp"
#include "rm_guest/debug_registers.hpp"
#include "rm_guest/exchanged_msrs.hpp"
#include "rm_guest/flush_secrets.hpp"
#include "rm_guest/fpu.hpp"
#include "rm_guest/reset_state.hpp"
#include "rm_guest/translations.hpp"
#include "vmx/globals.hpp"
#include "vmx/host_state.hpp"
#include "x86/page_table.hpp"

namespace rmv {

namespace {

// A VMCS that is cleared has no stale launch state, and none of its data stays in the CPU.
Status load_fresh_vmcs(Cpu& cpu) noexcept {
    if (!insn::vmclear(cpu.rm_vmcs_phys) || !insn::vmptrld(cpu.rm_vmcs_phys))
        return {VISOR_VMCS_FAILED};
    cpu.vmcs_launched = 0;
    return success;
}

void write_addresses(Vmcs& vmcs, const Cpu& cpu) noexcept {
    constexpr u64 no_shadow_vmcs = ~u64{0};
    vmcs.write<Field::vpid>(guest_vpid(cpu.number));
    vmcs.write<Field::ept_pointer>(cpu.rm.ept_pointer);
    vmcs.write<Field::msr_bitmap>(globals.rm_msr_bitmap_phys);
    vmcs.write<Field::vmcs_link_pointer>(no_shadow_vmcs);
}

// The bits of ports that the guest may use are 0 (SDM: I/O-Bitmap Addresses).
Status pass_ports(Vmcs& vmcs, u64 bitmap) noexcept {
    constexpr u32 control = static_cast<u32>(Primary::io_bitmaps);
    if (bitmap == 0) return success;
    if ((bitmap & page_mask) != 0 || !is_physical_range(bitmap, 2 * page_size))
        return {VISOR_BAD_ARGUMENT, bitmap};
    if ((high32(globals.facts.primary_controls) & control) == 0)
        return {VISOR_NO_CONTROL, join(static_cast<u32>(Msr::vmx_true_procbased_ctls), control)};
    vmcs.write<Field::io_bitmap_a>(bitmap);
    vmcs.write<Field::io_bitmap_b>(bitmap + page_size);
    vmcs.write<Field::primary_processor_controls>(vmcs.read<Field::primary_processor_controls>() |
                                                  control);
    return success;
}

// Without an APIC every vCPU is started by its owner, as in KVM.
apic::VcpuApic new_apic(const visor_public& shared) noexcept {
    apic::VcpuApic apic{};
    apic.provision = static_cast<apic::Provision>(load_relaxed(shared.apic));
    apic.bootstrap = load_relaxed(shared.bootstrap) != 0;
    apic.mp_state =
        apic.bootstrap || !apic.is_on() ? apic::MpState::runnable : apic::MpState::uninitialized;
    return apic;
}

bool is_valid_provision(u32 apic) noexcept {
#ifdef RMVISOR_FAULT_INJECTION
    return apic <= VISOR_APIC_PHYSICAL;
#else
    return apic <= VISOR_APIC_EMULATED;
#endif
}

RmGuest new_guest(const visor_public& shared) noexcept {
    RmGuest rm{};
    rm.vm = load_relaxed(shared.vm);
    rm.vcpu_id = load_relaxed(shared.vcpu_id);
    rm.ept_pointer = load_relaxed(shared.ept_pointer);
    rm.ept_generation = load_relaxed(shared.ept_generation);
    rm.zero_page = load_relaxed(shared.zero_page);
    rm.apic = new_apic(shared);
    rm.apic_base = rm.apic.bootstrap ? apic_base_reset : apic_base_reset_ap;
    rm.gprs.rdx = reset_signature();
    return rm;
}

}  // namespace

Status reset_guest(Cpu& cpu) noexcept {
    const GuestControls controls = guest_controls(globals.facts);
    RMV_TRY(check_controls(controls));
    if (!is_valid_provision(load_relaxed(cpu.shared.apic)))
        return {VISOR_BAD_ARGUMENT, load_relaxed(cpu.shared.apic)};
    apic::close_inbox(cpu);
    cpu.rm = new_guest(cpu.shared);
    apic::reset(cpu.rm.apic.local, cpu.rm_apic_page, cpu.rm.vcpu_id, cpu.rm.apic_base);
    RMV_TRY(load_fresh_vmcs(cpu));
    Vmcs vmcs;
    write_controls(vmcs, controls);
    write_addresses(vmcs, cpu);
    RMV_TRY(pass_ports(vmcs, load_relaxed(cpu.shared.io_bitmap)));
    apic::write_controls(cpu, vmcs);
    write_host_state(vmcs, cpu);
    write_control_register_masks(vmcs);
    write_reset_state(cpu.rm, vmcs);
    reset_clock(cpu.rm.clock, vmcs);
    RMV_TRY(vmcs.status());
    RMV_TRY(flush_linear(cpu));
    RMV_TRY(flush_guest_physical(cpu.rm.ept_pointer));
    // What no VMCS field holds and the guest shares with root is the guest's from here on.
    reset_debug_addresses();
    reset_fpu(cpu);
    reset_exchanged_msrs(cpu);
    flush_secrets();
    cpu.rm_cpuid.count = 0;
    cpu.rm.configured = true;
    if (cpu.rm.apic.is_on()) cpu.rm_inbox.open(apic::tag_of(cpu.rm));
    return success;
}

}  // namespace rmv
