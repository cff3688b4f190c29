// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/exits.hpp"

#include "exit/event.hpp"
#include "rm_guest/apic/exits.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/cpuid.hpp"
#include "rm_guest/cr_access.hpp"
#include "rm_guest/events.hpp"
#include "rm_guest/guest_debug.hpp"
#include "rm_guest/init_signal.hpp"
#include "rm_guest/interrupts.hpp"
#include "rm_guest/io.hpp"
#include "rm_guest/msr.hpp"
#include "rm_guest/xsetbv.hpp"
#include "x86/insn.hpp"

namespace rmv {

namespace {

// INVD would throw away what others have in the caches. WBINVD does what the guest may expect.
Action handle_cache_flush() noexcept {
    insn::wbinvd();
    return Action::skip;
}

Action stop_for(visor_stop_reason reason, visor_stop& stop) noexcept {
    stop.reason = reason;
    return Action::stop;
}

// With an APIC the guest waits for an interrupt in root.
Action handle_hlt(RmGuest& rm, visor_stop& stop) noexcept {
    if (!rm.apic.is_on()) return stop_for(VISOR_STOP_HLT, stop);
    rm.apic.mp_state = apic::MpState::halted;
    return Action::skip;
}

}  // namespace

Action dispatch_rm_exit(ExitContext& exit, u32 raw_reason, visor_stop& stop) noexcept {
    const auto reason = decode_reason(raw_reason);
    if (!reason) return Action::unhandled;
    switch (*reason) {
        case ExitReason::exception_or_nmi: return handle_exception_or_nmi(exit, stop);
        case ExitReason::external_interrupt: return handle_external_interrupt();
        case ExitReason::triple_fault: return stop_for(VISOR_STOP_SHUTDOWN, stop);
        case ExitReason::cpuid: return handle_rm_cpuid(exit);
        case ExitReason::interrupt_window: return handle_interrupt_window(exit.cpu.rm, stop);
        case ExitReason::nmi_window: return Action::resume;
        case ExitReason::monitor_trap_flag: return handle_monitor_trap(exit, stop);
        case ExitReason::mov_dr: return handle_mov_dr(exit);
        case ExitReason::preemption_timer_expired:
            return handle_preemption_timer(exit.cpu, exit.start, stop);
        case ExitReason::hlt: return handle_hlt(exit.cpu.rm, stop);
        case ExitReason::init_signal: return handle_init_signal(exit, stop);
        case ExitReason::apic_access: return apic::handle_apic_access(exit, stop);
        case ExitReason::apic_write: return apic::handle_apic_write(exit);
        case ExitReason::tpr_below_threshold: return apic::handle_tpr_below_threshold(exit.cpu.rm);
        case ExitReason::cr_access: return handle_cr_access(exit, stop);
        case ExitReason::io_instruction: return handle_io(exit, stop);
        case ExitReason::rdmsr: return handle_rdmsr(exit);
        case ExitReason::wrmsr: return handle_wrmsr(exit, stop);
        case ExitReason::ept_violation: return stop_for(VISOR_STOP_MEMORY, stop);
        case ExitReason::xsetbv: return handle_rm_xsetbv(exit);
        case ExitReason::rdpmc: return general_protection(exit.vmcs);

        case ExitReason::invd:
        case ExitReason::wbinvd_or_wbnoinvd: return handle_cache_flush();

        // Not there in this guest's CPU.
        // clang-format off
        case ExitReason::getsec: case ExitReason::vmcall: case ExitReason::vmclear:
        case ExitReason::vmlaunch: case ExitReason::vmptrld: case ExitReason::vmptrst:
        case ExitReason::vmread: case ExitReason::vmresume: case ExitReason::vmwrite:
        case ExitReason::vmxoff: case ExitReason::vmxon: case ExitReason::invept:
        case ExitReason::invvpid: case ExitReason::rsm: case ExitReason::rdtscp:
        case ExitReason::invpcid: case ExitReason::xsaves:
        case ExitReason::xrstors: case ExitReason::vmfunc: case ExitReason::mwait:
        case ExitReason::monitor: case ExitReason::encls: case ExitReason::enclv:
        case ExitReason::pconfig: case ExitReason::umwait: case ExitReason::tpause:
        case ExitReason::loadiwkey: case ExitReason::seamcall: case ExitReason::tdcall:
            return undefined_instruction(exit.vmcs);

        // Controls that cause these are off, or nobody has an answer yet: the guest stops, by name.
        case ExitReason::startup_ipi: case ExitReason::io_smi:
        case ExitReason::other_smi:
        case ExitReason::task_switch: case ExitReason::invlpg: case ExitReason::rdtsc:
        case ExitReason::entry_failure_guest_state:
        case ExitReason::entry_failure_msr_loading: case ExitReason::entry_failure_machine_check:
        case ExitReason::pause:
        case ExitReason::virtualized_eoi: case ExitReason::gdtr_or_idtr_access:
        case ExitReason::ldtr_or_tr_access: case ExitReason::ept_misconfiguration:
        case ExitReason::rdrand: case ExitReason::rdseed:
        case ExitReason::page_modification_log_full: case ExitReason::spp_related_event:
        case ExitReason::enqcmd_pasid_failure: case ExitReason::enqcmds_pasid_failure:
        case ExitReason::bus_lock: case ExitReason::instruction_timeout:
            return Action::unhandled;
            // clang-format on
    }
    return Action::unhandled;
}

}  // namespace rmv
