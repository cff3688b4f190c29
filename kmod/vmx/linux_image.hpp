// SPDX-License-Identifier: GPL-2.0-only
// Linux's state on a CPU as its VMCS holds it, read while the VMCS is still current, to be put back
// into the CPU after VMXOFF.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/entry.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

struct LinuxImage {
    u64 cr0, cr3, cr4, dr7;
    u64 debugctl, pat, efer, sysenter_cs, sysenter_esp, sysenter_eip, fs_base, gs_base;
    insn::TableRegister gdt, idt;
    u16 ds, es, fs, gs, ldtr, tr;
    ReturnFrame frame;
};

[[nodiscard]] LinuxImage read_linux_image(Vmcs& vmcs) noexcept;

// After VMXOFF, with NMIs blocked. Everything but RIP, CS, RFLAGS, RSP, SS and the general
// registers. `gdt_writable`: Linux's writable mapping of its GDT, needed to reload TR.
void restore_linux_image(const LinuxImage& image, u64 gdt_writable) noexcept;

}  // namespace rmv
