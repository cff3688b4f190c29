// SPDX-License-Identifier: GPL-2.0-only
// VMX control words, one scoped enum each, under the SDM's names (SDM: VM-Execution Control Fields,
// VM-Exit Control Fields, VM-Entry Control Fields).
#pragma once

#include "x86/types.hpp"

namespace rmv {

enum class Pin : u32 {
    external_interrupt_exiting = 1u << 0,
    nmi_exiting = 1u << 3,
    virtual_nmis = 1u << 5,
    preemption_timer = 1u << 6,
    posted_interrupts = 1u << 7,
};

enum class Primary : u32 {
    interrupt_window_exiting = 1u << 2,
    tsc_offsetting = 1u << 3,
    hlt_exiting = 1u << 7,
    invlpg_exiting = 1u << 9,
    mwait_exiting = 1u << 10,
    rdpmc_exiting = 1u << 11,
    rdtsc_exiting = 1u << 12,
    cr3_load_exiting = 1u << 15,
    cr3_store_exiting = 1u << 16,
    cr8_load_exiting = 1u << 19,
    cr8_store_exiting = 1u << 20,
    tpr_shadow = 1u << 21,
    nmi_window_exiting = 1u << 22,
    mov_dr_exiting = 1u << 23,
    unconditional_io_exiting = 1u << 24,
    io_bitmaps = 1u << 25,
    monitor_trap_flag = 1u << 27,
    msr_bitmaps = 1u << 28,
    monitor_exiting = 1u << 29,
    pause_exiting = 1u << 30,
    secondary_controls = 1u << 31,
};

enum class Secondary : u32 {
    virtualize_apic_accesses = 1u << 0,
    ept = 1u << 1,
    descriptor_table_exiting = 1u << 2,
    rdtscp = 1u << 3,
    virtualize_x2apic = 1u << 4,
    vpid = 1u << 5,
    wbinvd_exiting = 1u << 6,
    unrestricted_guest = 1u << 7,
    apic_register_virtualization = 1u << 8,
    virtual_interrupt_delivery = 1u << 9,
    pause_loop_exiting = 1u << 10,
    rdrand_exiting = 1u << 11,
    invpcid = 1u << 12,
    vm_functions = 1u << 13,
    vmcs_shadowing = 1u << 14,
    encls_exiting = 1u << 15,
    rdseed_exiting = 1u << 16,
    pml = 1u << 17,
    ept_violation_ve = 1u << 18,
    conceal_from_pt = 1u << 19,
    xsaves = 1u << 20,
    mode_based_execute = 1u << 22,
    tsc_scaling = 1u << 25,
    user_wait_pause = 1u << 26,
    pconfig = 1u << 27,
};

enum class ExitControl : u32 {
    save_debug_controls = 1u << 2,
    host_address_space_size = 1u << 9,
    load_perf_global_ctrl = 1u << 12,
    acknowledge_interrupt = 1u << 15,
    save_pat = 1u << 18,
    load_pat = 1u << 19,
    save_efer = 1u << 20,
    load_efer = 1u << 21,
    save_preemption_timer = 1u << 22,
    load_cet_state = 1u << 28,
};

enum class EntryControl : u32 {
    load_debug_controls = 1u << 2,
    ia32e_mode_guest = 1u << 9,
    entry_to_smm = 1u << 10,
    deactivate_dual_monitor = 1u << 11,
    load_perf_global_ctrl = 1u << 13,
    load_pat = 1u << 14,
    load_efer = 1u << 15,
    load_cet_state = 1u << 20,
};

// Guest interruptibility state (SDM: Guest Non-Register State).
enum class Interruptibility : u32 {
    blocking_by_sti = 1u << 0,
    blocking_by_mov_ss = 1u << 1,
    blocking_by_smi = 1u << 2,
    blocking_by_nmi = 1u << 3,
};

enum class Activity : u32 { active = 0, hlt = 1, shutdown = 2, wait_for_sipi = 3 };

// A control word against what the CPU allows. The low half of a capability MSR is must-be-1, the
// high half may-be-1 (SDM appendix A, VMX Capability Reporting Facility).
class ControlSet {
public:
    constexpr ControlSet(u64 capability, u64 required, u64 optional) noexcept
        : value_{(low32(required | optional) & high32(capability)) | low32(capability)},
          missing_{low32(required) & ~high32(capability)} {}

    [[nodiscard]] constexpr u32 value() const noexcept { return value_; }
    // Required bits that the CPU does not have; 0 when the word can be used.
    [[nodiscard]] constexpr u32 missing() const noexcept { return missing_; }

private:
    u32 value_;
    u32 missing_;
};

}  // namespace rmv
