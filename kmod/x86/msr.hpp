// SPDX-License-Identifier: GPL-2.0-only
// Model-specific registers (SDM volume 4, Architectural MSRs), with the gate of each where it has
// one.
#pragma once

#include "x86/types.hpp"

namespace rmv {

enum class Msr : u32 {
    tsc = 0x10,
    apic_base = 0x1b,
    smi_count = 0x34,  // not architectural: by family and model
    feature_control = 0x3a,
    pred_cmd = 0x49,            // CPUID.(7,0):EDX.IBRS_IBPB[26]
    smm_monitor_ctl = 0x9b,     // IA32_VMX_BASIC[49]
    mtrr_cap = 0xfe,            // CPUID.1:EDX.MTRR[12]
    arch_capabilities = 0x10a,  // CPUID.(7,0):EDX[29]
    flush_cmd = 0x10b,          // CPUID.(7,0):EDX.L1D_FLUSH[28]
    sysenter_cs = 0x174,
    sysenter_esp = 0x175,
    sysenter_eip = 0x176,
    mcg_status = 0x17a,  // CPUID.1:EDX.MCA[14]
    debugctl = 0x1d9,
    smrr_physbase = 0x1f2,  // IA32_MTRRCAP[11]
    smrr_physmask = 0x1f3,
    mtrr_physbase0 = 0x200,     // then PHYSMASK0, PHYSBASE1, ...
    mtrr_fix64k_00000 = 0x250,  // IA32_MTRRCAP[8]
    mtrr_fix16k_80000 = 0x258,
    mtrr_fix16k_a0000 = 0x259,
    mtrr_fix4k_c0000 = 0x268,  // then C8000, D0000, ... F8000
    pat = 0x277,               // CPUID.1:EDX.PAT[16]
    mtrr_def_type = 0x2ff,
    vmx_basic = 0x480,
    vmx_misc = 0x485,
    vmx_cr0_fixed0 = 0x486,
    vmx_cr0_fixed1 = 0x487,
    vmx_cr4_fixed0 = 0x488,
    vmx_cr4_fixed1 = 0x489,
    vmx_procbased_ctls2 = 0x48b,     // primary control 31 may be 1
    vmx_ept_vpid_cap = 0x48c,        // secondary control 1 or 5 may be 1
    vmx_true_pinbased_ctls = 0x48d,  // IA32_VMX_BASIC[55]
    vmx_true_procbased_ctls = 0x48e,
    vmx_true_exit_ctls = 0x48f,
    vmx_true_entry_ctls = 0x490,
    tsc_deadline = 0x6e0,  // CPUID.1:ECX.TSC_DEADLINE[24]
    s_cet = 0x6a2,         // CPUID.(7,0):ECX.CET_SS[7] or EDX.CET_IBT[20]
    x2apic_id = 0x802,     // x2APIC mode
    x2apic_tpr = 0x808,
    x2apic_eoi = 0x80b,
    x2apic_isr0 = 0x810,
    x2apic_icr = 0x830,
    xss = 0xda0,  // CPUID.(0DH,1):EAX.XSS[3]
    efer = 0xc0000080,
    star = 0xc0000081,
    lstar = 0xc0000082,
    cstar = 0xc0000083,
    fmask = 0xc0000084,
    fs_base = 0xc0000100,
    gs_base = 0xc0000101,
    kernel_gs_base = 0xc0000102,
    tsc_aux = 0xc0000103,
};

}  // namespace rmv
