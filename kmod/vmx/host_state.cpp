// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/host_state.hpp"

#include "vmx/entry.hpp"
#include "vmx/globals.hpp"
#include "vmx/root_env.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

namespace {

constexpr u64 root_cr0 = mask(Cr0::pe, Cr0::mp, Cr0::et, Cr0::ne, Cr0::wp, Cr0::pg);
constexpr u64 root_efer = mask(Efer::lme, Efer::lma, Efer::nxe);

void write_host_registers(Vmcs& vmcs) noexcept {
    vmcs.write<Field::host_cr0>(root_cr0);
    vmcs.write<Field::host_cr3>(globals.root_cr3);
    vmcs.write<Field::host_cr4>(root_cr4());
    vmcs.write<Field::host_pat>(pat_reset);
    vmcs.write<Field::host_efer>(root_efer);
    // Root makes no system calls; the exit loads these MSRs all the same, and the entry or the way
    // out brings the guest's back.
    vmcs.write<Field::host_sysenter_cs>(u32{0});
    vmcs.write<Field::host_sysenter_esp>(u64{0});
    vmcs.write<Field::host_sysenter_eip>(u64{0});
}

void write_host_segments(Vmcs& vmcs, Cpu& cpu) noexcept {
    vmcs.write<Field::host_cs_selector>(root_code_selector);
    vmcs.write<Field::host_ss_selector>(root_data_selector);
    vmcs.write<Field::host_tr_selector>(root_tss_selector);
    constexpr u16 null = 0;
    vmcs.write<Field::host_ds_selector>(null);
    vmcs.write<Field::host_es_selector>(null);
    vmcs.write<Field::host_fs_selector>(null);
    vmcs.write<Field::host_gs_selector>(null);
    vmcs.write<Field::host_fs_base>(u64{0});
    vmcs.write<Field::host_gs_base>(reinterpret_cast<u64>(&cpu));
    vmcs.write<Field::host_tr_base>(reinterpret_cast<u64>(&cpu.tss));
    vmcs.write<Field::host_gdtr_base>(reinterpret_cast<u64>(cpu.gdt));
    vmcs.write<Field::host_idtr_base>(reinterpret_cast<u64>(cpu.idt));
}

}  // namespace

u64 root_cr4() noexcept {
    // MCE stays on: without it a machine check in root is a shutdown.
    u64 cr4 = mask(Cr4::pae, Cr4::mce, Cr4::pge, Cr4::osfxsr, Cr4::osxmmexcpt, Cr4::vmxe);
    if (globals.has_xsave) cr4 |= mask(Cr4::osxsave);
    // Root's page tables have as many levels as Linux's: see root_map.hpp.
    return cr4 | (globals.facts.cr4 & mask(Cr4::la57));
}

void write_host_state(Vmcs& vmcs, Cpu& cpu) noexcept {
    write_host_registers(vmcs);
    write_host_segments(vmcs, cpu);
    cpu.frame = root_frame(cpu);
    vmcs.write<Field::host_rsp>(u64{cpu.frame});
    vmcs.write<Field::host_rip>(reinterpret_cast<u64>(visor_vmexit));
}

}  // namespace rmv
