// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/control_registers.hpp"

#include "rm_guest/rsm_guard.hpp"
#include "vmx/controls.hpp"
#include "vmx/globals.hpp"
#include "x86/insn.hpp"
#include "x86/segment.hpp"

namespace rmv {

u64 read_guest_cr0(Vmcs& vmcs) noexcept {
    return (vmcs.read<Field::guest_cr0>() & cr0_guest_owned) |
           (vmcs.read<Field::cr0_read_shadow>() & ~cr0_guest_owned);
}

void write_guest_cr0(RmGuest& rm, Vmcs& vmcs, u64 visible) noexcept {
    vmcs.write<Field::guest_cr0>(hardware_cr0(visible, globals.facts));
    vmcs.write<Field::cr0_read_shadow>((visible & cr0_defined) | mask(Cr0::et));
    follow_paging(rm, vmcs);
}

u64 read_guest_cr4(Vmcs& vmcs) noexcept {
    const u64 owned = cr4_guest_owned(globals.facts);
    return (vmcs.read<Field::guest_cr4>() & owned) | (vmcs.read<Field::cr4_read_shadow>() & ~owned);
}

void write_guest_cr4(Vmcs& vmcs, u64 visible) noexcept {
    vmcs.write<Field::guest_cr4>(hardware_cr4(visible, globals.facts));
    vmcs.write<Field::cr4_read_shadow>(visible & cr4_settable(globals.facts));
}

void write_control_register_masks(Vmcs& vmcs) noexcept {
    vmcs.write<Field::cr0_guest_host_mask>(~cr0_guest_owned);
    vmcs.write<Field::cr4_guest_host_mask>(~cr4_guest_owned(globals.facts));
}

u64 efer_settable() noexcept {
    constexpr u32 extended_features = 0x80000001;
    constexpr u32 edx_execute_disable = 1u << 20;
    const bool has_nx = (insn::cpuid(extended_features, 0).edx & edx_execute_disable) != 0;
    return mask(Efer::sce, Efer::lme, Efer::lma) | (has_nx ? mask(Efer::nxe) : 0);
}

u64 read_guest_efer(const RmGuest& rm, Vmcs& vmcs) noexcept {
    return vmcs.read<Field::guest_efer>() | rm.guard.efer;
}

void write_guest_efer(RmGuest& rm, Vmcs& vmcs, u64 efer) noexcept {
    if (rm.guard.on) rm.guard.efer = efer & mask(Efer::lme);
    vmcs.write<Field::guest_efer>(efer & ~rm.guard.efer);
    constexpr u32 ia32e = static_cast<u32>(EntryControl::ia32e_mode_guest);
    const u32 others = vmcs.read<Field::entry_controls>() & ~ia32e;
    vmcs.write<Field::entry_controls>(others | (has(efer, Efer::lma) ? ia32e : 0));
}

bool is_real_mode(Vmcs& vmcs) noexcept { return !has(vmcs.read<Field::guest_cr0>(), Cr0::pe); }

bool is_64bit_code(Vmcs& vmcs) noexcept {
    return has(vmcs.read<Field::guest_efer>(), Efer::lma) &&
           has(vmcs.read<Field::guest_cs_access_rights>(), AccessRights::long_mode);
}

}  // namespace rmv
