// SPDX-License-Identifier: GPL-2.0-only
// What all CPUs share: written by set-up before the first launch, only read afterwards.
#pragma once

#include "x86/smm.hpp"
#include "x86/types.hpp"

namespace rmv {

struct Cpu;

struct Globals {
    visor_cpu_facts facts;  // the same on every CPU, as pre-flight has made sure
    u64 root_cr3;
    u64 linux_ept_pointer;
    Smram smram;                // what the SMRRs hide
    u64 linux_msr_bitmap_phys;  // writes of MTRRs exit, nothing else
    u64 rm_msr_bitmap_phys;     // all set: every MSR access of a real-mode guest exits
    u64 apic_access_phys;       // a page that no guest reaches: see rm_guest/apic/vmcs.hpp
    Cpu* first_cpu;             // of all that were set up; the next one is in Cpu::next_cpu
    u64 cr3_user_bits;          // set in CR3 while Linux runs user mode under page-table isolation
    u64 text_begin, text_end;   // the visor's code: the only place a VMCALL is taken from
    bool x2apic;
    bool has_smi_count;
    u64 smi_gap_ticks;
    bool has_xsave;
    u64 guest_xcr0;  // components that a real-mode guest may enable; 1 without XSAVE
};

extern constinit Globals globals;

// Where root maps the local APIC's page in xAPIC mode. In the lower half, which root uses for
// nothing else.
inline constexpr u64 root_apic_virtual = 0x0000'0100'0000'0000;

}  // namespace rmv
