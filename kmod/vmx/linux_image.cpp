// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/linux_image.hpp"

#include "vmx/globals.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

namespace {

insn::TableRegister read_table(Vmcs& vmcs, Field base, Field limit) noexcept {
    return {static_cast<u16>(vmcs.read_raw(limit)), vmcs.read_raw(base)};
}

// The MSRs that hold a segment base come after the selectors, whose load clears the base.
void restore_segments(const LinuxImage& image) noexcept {
    insn::lldt(image.ldtr);
    insn::load_data_segments(image.ds, image.es, image.fs, image.gs);
    insn::wrmsr(Msr::fs_base, image.fs_base);
    insn::wrmsr(Msr::gs_base, image.gs_base);
}

// LTR wants an available TSS and marks it busy, in a GDT that Linux has loaded read-only: do it in
// the writable mapping of the same GDT.
void restore_tables(const LinuxImage& image, u64 gdt_writable) noexcept {
    const u64 entry = gdt_writable + (image.tr & ~u64{selector_rpl_ti_mask});
    reinterpret_cast<SystemDescriptor*>(entry)->low &= ~descriptor_tss_busy_bit;
    insn::lgdt({image.gdt.limit, gdt_writable});
    insn::ltr(image.tr);
    insn::lgdt(image.gdt);
}

// Root ran under VPID 0, as Linux will now: the toggle of CR4.PGE flushes every translation, global
// ones and all PCIDs (SDM: Operations that Invalidate TLBs and Paging-Structure Caches). CR4.PCIDE
// can only be set while CR3 names PCID 0.
void restore_control_registers(const LinuxImage& image) noexcept {
    insn::write_cr0(image.cr0);
    insn::write_cr3(image.cr3 & ~cr3_pcid_mask);
    insn::write_cr4(image.cr4 & ~mask(Cr4::pge));
    insn::write_cr4(image.cr4);
    insn::write_cr3(image.cr3);
}

void restore_msrs(const LinuxImage& image) noexcept {
    insn::wrmsr(Msr::pat, image.pat);
    insn::wrmsr(Msr::efer, image.efer);
    insn::wrmsr(Msr::sysenter_cs, image.sysenter_cs);
    insn::wrmsr(Msr::sysenter_esp, image.sysenter_esp);
    insn::wrmsr(Msr::sysenter_eip, image.sysenter_eip);
}

}  // namespace

LinuxImage read_linux_image(Vmcs& vmcs) noexcept {
    return LinuxImage{
        .cr0 = vmcs.read<Field::guest_cr0>(),
        // The tables of user mode don't map the way out: see on_kernel_tables() in leave.cpp.
        .cr3 = vmcs.read<Field::guest_cr3>() & ~globals.cr3_user_bits,
        // CR4.VMXE as Linux has it: the read shadow.
        .cr4 = (vmcs.read<Field::guest_cr4>() & ~mask(Cr4::vmxe)) |
               (vmcs.read<Field::cr4_read_shadow>() & mask(Cr4::vmxe)),
        .dr7 = vmcs.read<Field::guest_dr7>(),
        .debugctl = vmcs.read<Field::guest_debugctl>(),
        .pat = vmcs.read<Field::guest_pat>(),
        .efer = vmcs.read<Field::guest_efer>(),
        .sysenter_cs = vmcs.read<Field::guest_sysenter_cs>(),
        .sysenter_esp = vmcs.read<Field::guest_sysenter_esp>(),
        .sysenter_eip = vmcs.read<Field::guest_sysenter_eip>(),
        .fs_base = vmcs.read<Field::guest_fs_base>(),
        .gs_base = vmcs.read<Field::guest_gs_base>(),
        .gdt = read_table(vmcs, Field::guest_gdtr_base, Field::guest_gdtr_limit),
        .idt = read_table(vmcs, Field::guest_idtr_base, Field::guest_idtr_limit),
        .ds = vmcs.read<Field::guest_ds_selector>(),
        .es = vmcs.read<Field::guest_es_selector>(),
        .fs = vmcs.read<Field::guest_fs_selector>(),
        .gs = vmcs.read<Field::guest_gs_selector>(),
        .ldtr = vmcs.read<Field::guest_ldtr_selector>(),
        .tr = vmcs.read<Field::guest_tr_selector>(),
        .frame = {.rip = vmcs.read<Field::guest_rip>(),
                  .cs = vmcs.read<Field::guest_cs_selector>(),
                  .rflags = vmcs.read<Field::guest_rflags>(),
                  .rsp = vmcs.read<Field::guest_rsp>(),
                  .ss = vmcs.read<Field::guest_ss_selector>()},
    };
}

void restore_linux_image(const LinuxImage& image, u64 gdt_writable) noexcept {
    restore_control_registers(image);
    restore_msrs(image);
    restore_tables(image, gdt_writable);
    restore_segments(image);
    insn::write_dr7(image.dr7);
    insn::lidt(image.idt);
}

}  // namespace rmv
