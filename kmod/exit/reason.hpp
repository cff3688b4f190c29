// SPDX-License-Identifier: GPL-2.0-only
//
// The basic exit reasons of VMX under the SDM's names. Pure and freestanding: shared by the visor,
// rmguest and the unit tests.
//
// Source: Intel SDM volume 3, "VMX Basic Exit Reasons".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace rmv {

enum class ExitReason : std::uint16_t {
    exception_or_nmi = 0,
    external_interrupt = 1,
    triple_fault = 2,
    init_signal = 3,
    startup_ipi = 4,
    io_smi = 5,
    other_smi = 6,
    interrupt_window = 7,
    nmi_window = 8,
    task_switch = 9,
    cpuid = 10,
    getsec = 11,
    hlt = 12,
    invd = 13,
    invlpg = 14,
    rdpmc = 15,
    rdtsc = 16,
    rsm = 17,
    vmcall = 18,
    vmclear = 19,
    vmlaunch = 20,
    vmptrld = 21,
    vmptrst = 22,
    vmread = 23,
    vmresume = 24,
    vmwrite = 25,
    vmxoff = 26,
    vmxon = 27,
    cr_access = 28,
    mov_dr = 29,
    io_instruction = 30,
    rdmsr = 31,
    wrmsr = 32,
    entry_failure_guest_state = 33,
    entry_failure_msr_loading = 34,
    mwait = 36,
    monitor_trap_flag = 37,
    monitor = 39,
    pause = 40,
    entry_failure_machine_check = 41,
    tpr_below_threshold = 43,
    apic_access = 44,
    virtualized_eoi = 45,
    gdtr_or_idtr_access = 46,
    ldtr_or_tr_access = 47,
    ept_violation = 48,
    ept_misconfiguration = 49,
    invept = 50,
    rdtscp = 51,
    preemption_timer_expired = 52,
    invvpid = 53,
    wbinvd_or_wbnoinvd = 54,
    xsetbv = 55,
    apic_write = 56,
    rdrand = 57,
    invpcid = 58,
    vmfunc = 59,
    encls = 60,
    rdseed = 61,
    page_modification_log_full = 62,
    xsaves = 63,
    xrstors = 64,
    pconfig = 65,
    spp_related_event = 66,
    umwait = 67,
    tpause = 68,
    loadiwkey = 69,
    enclv = 70,
    enqcmd_pasid_failure = 72,
    enqcmds_pasid_failure = 73,
    bus_lock = 74,
    instruction_timeout = 75,
    seamcall = 76,
    tdcall = 77,
};

namespace detail {

struct ReasonName {
    ExitReason reason;
    const char* name;
};

constexpr ReasonName reason_names[] = {
    {ExitReason::exception_or_nmi, "Exception or NMI"},
    {ExitReason::external_interrupt, "External interrupt"},
    {ExitReason::triple_fault, "Triple fault"},
    {ExitReason::init_signal, "INIT signal"},
    {ExitReason::startup_ipi, "Start-up IPI"},
    {ExitReason::io_smi, "I/O SMI"},
    {ExitReason::other_smi, "Other SMI"},
    {ExitReason::interrupt_window, "Interrupt window"},
    {ExitReason::nmi_window, "NMI window"},
    {ExitReason::task_switch, "Task switch"},
    {ExitReason::cpuid, "CPUID"},
    {ExitReason::getsec, "GETSEC"},
    {ExitReason::hlt, "HLT"},
    {ExitReason::invd, "INVD"},
    {ExitReason::invlpg, "INVLPG"},
    {ExitReason::rdpmc, "RDPMC"},
    {ExitReason::rdtsc, "RDTSC"},
    {ExitReason::rsm, "RSM"},
    {ExitReason::vmcall, "VMCALL"},
    {ExitReason::vmclear, "VMCLEAR"},
    {ExitReason::vmlaunch, "VMLAUNCH"},
    {ExitReason::vmptrld, "VMPTRLD"},
    {ExitReason::vmptrst, "VMPTRST"},
    {ExitReason::vmread, "VMREAD"},
    {ExitReason::vmresume, "VMRESUME"},
    {ExitReason::vmwrite, "VMWRITE"},
    {ExitReason::vmxoff, "VMXOFF"},
    {ExitReason::vmxon, "VMXON"},
    {ExitReason::cr_access, "Control-register access"},
    {ExitReason::mov_dr, "MOV DR"},
    {ExitReason::io_instruction, "I/O instruction"},
    {ExitReason::rdmsr, "RDMSR"},
    {ExitReason::wrmsr, "WRMSR"},
    {ExitReason::entry_failure_guest_state, "VM-entry failure due to invalid guest state"},
    {ExitReason::entry_failure_msr_loading, "VM-entry failure due to MSR loading"},
    {ExitReason::mwait, "MWAIT"},
    {ExitReason::monitor_trap_flag, "Monitor trap flag"},
    {ExitReason::monitor, "MONITOR"},
    {ExitReason::pause, "PAUSE"},
    {ExitReason::entry_failure_machine_check, "VM-entry failure due to machine-check event"},
    {ExitReason::tpr_below_threshold, "TPR below threshold"},
    {ExitReason::apic_access, "APIC access"},
    {ExitReason::virtualized_eoi, "Virtualized EOI"},
    {ExitReason::gdtr_or_idtr_access, "Access to GDTR or IDTR"},
    {ExitReason::ldtr_or_tr_access, "Access to LDTR or TR"},
    {ExitReason::ept_violation, "EPT violation"},
    {ExitReason::ept_misconfiguration, "EPT misconfiguration"},
    {ExitReason::invept, "INVEPT"},
    {ExitReason::rdtscp, "RDTSCP"},
    {ExitReason::preemption_timer_expired, "VMX-preemption timer expired"},
    {ExitReason::invvpid, "INVVPID"},
    {ExitReason::wbinvd_or_wbnoinvd, "WBINVD or WBNOINVD"},
    {ExitReason::xsetbv, "XSETBV"},
    {ExitReason::apic_write, "APIC write"},
    {ExitReason::rdrand, "RDRAND"},
    {ExitReason::invpcid, "INVPCID"},
    {ExitReason::vmfunc, "VMFUNC"},
    {ExitReason::encls, "ENCLS"},
    {ExitReason::rdseed, "RDSEED"},
    {ExitReason::page_modification_log_full, "Page-modification log full"},
    {ExitReason::xsaves, "XSAVES"},
    {ExitReason::xrstors, "XRSTORS"},
    {ExitReason::pconfig, "PCONFIG"},
    {ExitReason::spp_related_event, "SPP-related event"},
    {ExitReason::umwait, "UMWAIT"},
    {ExitReason::tpause, "TPAUSE"},
    {ExitReason::loadiwkey, "LOADIWKEY"},
    {ExitReason::enclv, "ENCLV"},
    {ExitReason::enqcmd_pasid_failure, "ENQCMD PASID translation failure"},
    {ExitReason::enqcmds_pasid_failure, "ENQCMDS PASID translation failure"},
    {ExitReason::bus_lock, "Bus lock"},
    {ExitReason::instruction_timeout, "Instruction timeout"},
    {ExitReason::seamcall, "SEAMCALL"},
    {ExitReason::tdcall, "TDCALL"},
};

constexpr std::size_t exit_reason_limit = 78;

// Names by number; null where the SDM defines no reason. Built from the pairs above, so that an
// entry can't slip out of its place.
constexpr std::array<const char*, exit_reason_limit> reason_name_by_number = [] {
    std::array<const char*, exit_reason_limit> names{};
    for (const ReasonName& entry : reason_names) {
        names[static_cast<std::uint16_t>(entry.reason)] = entry.name;
    }
    return names;
}();

// Bits 15:0 and 31 of the exit-reason field (SDM: "Basic VM-Exit Information").
constexpr std::uint32_t basic_reason_mask = 0xffff;
constexpr std::uint32_t entry_failure_bit = 1u << 31;

}  // namespace detail

// The basic exit reason in the exit-reason field of the VMCS (bits 15:0 count, the others are
// ignored); nothing when the SDM defines no such reason. Callable in root.
[[nodiscard]] constexpr std::optional<ExitReason> decode_reason(std::uint32_t exit_reason_field) {
    const std::uint32_t basic = exit_reason_field & detail::basic_reason_mask;
    if (basic >= detail::exit_reason_limit || detail::reason_name_by_number[basic] == nullptr) {
        return std::nullopt;
    }
    return static_cast<ExitReason>(basic);
}

// Whether the exit-reason field tells of a VM entry that failed after it had loaded guest state.
[[nodiscard]] constexpr bool is_entry_failure(std::uint32_t exit_reason_field) {
    return (exit_reason_field & detail::entry_failure_bit) != 0;
}

// The SDM's name of a reason; never null.
[[nodiscard]] constexpr const char* to_string(ExitReason reason) {
    const auto number = static_cast<std::size_t>(reason);
    if (number >= detail::exit_reason_limit || detail::reason_name_by_number[number] == nullptr) {
        return "undefined exit reason";
    }
    return detail::reason_name_by_number[number];
}

static_assert(sizeof(detail::reason_names) / sizeof(detail::ReasonName) == 74);
static_assert(decode_reason(30) == ExitReason::io_instruction);
static_assert(decode_reason(0x80000021) == ExitReason::entry_failure_guest_state);
static_assert(!decode_reason(35) && !decode_reason(38) && !decode_reason(42) && !decode_reason(71));
static_assert(!decode_reason(78) && !decode_reason(0xffff));

}  // namespace rmv
