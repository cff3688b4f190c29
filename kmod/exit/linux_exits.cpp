// SPDX-License-Identifier: GPL-2.0-only
#include "exit/linux_exits.hpp"

#include "exit/event.hpp"
#include "x86/insn.hpp"

namespace rmv {

namespace {

// Linux's dirty lines must survive; KVM does the same.
Action handle_invd() noexcept {
    insn::wbinvd();
    return Action::skip;
}

}  // namespace

// Linux's map has no holes; what can be violated is only the write protection of the visor's
// memory. The write gets #GP(0), as a non-canonical address would, so that Linux's own fix-ups
// apply.
Action handle_ept_violation(ExitContext& exit) noexcept {
    const EptViolation violation =
        decode_ept_violation(exit.vmcs.read<Field::exit_qualification>());
    const bool in_delivery =
        (exit.vmcs.read<Field::idt_vectoring_info>() & interruption_valid) != 0;
    if (!violation.write || in_delivery) return Action::unhandled;
    visor_public& shared = exit.cpu.shared;
    shared.stray_rip = exit.vmcs.read<Field::guest_rip>();
    shared.stray_physical = exit.vmcs.read<Field::guest_physical_address>();
    count(shared.stray_writes);
    return general_protection(exit.vmcs);
}

// Exits that no control of ours asks for are unhandled by name: the CPU then leaves VMX, and Linux
// goes on natively.
Action handle_linux_exit(ExitContext& exit, ExitReason reason) noexcept {
    switch (reason) {
        case ExitReason::cpuid: return handle_cpuid(exit);
        case ExitReason::exception_or_nmi: return handle_nmi_exit(exit);
        case ExitReason::preemption_timer_expired: return handle_preemption_timer(exit);
        case ExitReason::xsetbv: return handle_xsetbv(exit);
        case ExitReason::rdmsr: return handle_linux_rdmsr(exit);
        case ExitReason::wrmsr: return handle_linux_wrmsr(exit);
        case ExitReason::cr_access: return handle_cr_access(exit);
        case ExitReason::vmcall: return handle_vmcall(exit);
        case ExitReason::vmxon: return handle_vmxon(exit);
        case ExitReason::invd: return handle_invd();
        case ExitReason::ept_violation: return handle_ept_violation(exit);
        // As on a CPU outside VMX operation.
        case ExitReason::vmclear:
        case ExitReason::vmlaunch:
        case ExitReason::vmptrld:
        case ExitReason::vmptrst:
        case ExitReason::vmread:
        case ExitReason::vmresume:
        case ExitReason::vmwrite:
        case ExitReason::vmxoff:
        case ExitReason::invept:
        case ExitReason::invvpid:
        case ExitReason::vmfunc:
        case ExitReason::getsec:
        case ExitReason::seamcall:
        case ExitReason::tdcall: return undefined_instruction(exit.vmcs);
        case ExitReason::external_interrupt:
        case ExitReason::triple_fault:
        case ExitReason::init_signal:
        case ExitReason::startup_ipi:
        case ExitReason::io_smi:
        case ExitReason::other_smi:
        case ExitReason::interrupt_window:
        case ExitReason::nmi_window:
        case ExitReason::task_switch:
        case ExitReason::hlt:
        case ExitReason::invlpg:
        case ExitReason::rdpmc:
        case ExitReason::rdtsc:
        case ExitReason::rsm:
        case ExitReason::mov_dr:
        case ExitReason::io_instruction:
        case ExitReason::entry_failure_guest_state:
        case ExitReason::entry_failure_msr_loading:
        case ExitReason::mwait:
        case ExitReason::monitor_trap_flag:
        case ExitReason::monitor:
        case ExitReason::pause:
        case ExitReason::entry_failure_machine_check:
        case ExitReason::tpr_below_threshold:
        case ExitReason::apic_access:
        case ExitReason::virtualized_eoi:
        case ExitReason::gdtr_or_idtr_access:
        case ExitReason::ept_misconfiguration:
        case ExitReason::ldtr_or_tr_access:
        case ExitReason::rdtscp:
        case ExitReason::wbinvd_or_wbnoinvd:
        case ExitReason::apic_write:
        case ExitReason::rdrand:
        case ExitReason::invpcid:
        case ExitReason::encls:
        case ExitReason::rdseed:
        case ExitReason::page_modification_log_full:
        case ExitReason::xsaves:
        case ExitReason::xrstors:
        case ExitReason::pconfig:
        case ExitReason::spp_related_event:
        case ExitReason::umwait:
        case ExitReason::tpause:
        case ExitReason::loadiwkey:
        case ExitReason::enclv:
        case ExitReason::enqcmd_pasid_failure:
        case ExitReason::enqcmds_pasid_failure:
        case ExitReason::bus_lock:
        case ExitReason::instruction_timeout: return Action::unhandled;
    }
    return Action::unhandled;
}

}  // namespace rmv
