// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/arrivals.hpp"

#include "rm_guest/apic/init.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/events.hpp"
#include "rm_guest/interrupt_source.hpp"
#include "rm_guest/smi_account.hpp"
#include "vmx/trace_event.hpp"
#include "vmx/watch.hpp"
#include "x86/control_registers.hpp"

namespace rmv::apic {

namespace {

// Qualification of the trace record (uapi header).
constexpr u64 sent_by_vcpu = 1;

void receive_vectors(Cpu& cpu) noexcept {
    for (u32 word = 0; word < Inbox::vector_words; ++word) {
        u32 vectors = cpu.rm_inbox.take_vectors(word);
        for (; vectors != 0; vectors &= vectors - 1) {
            const u32 bit_number = static_cast<u32>(__builtin_ctz(vectors));
            receive(cpu.rm.apic.local, static_cast<u8>(word * 32 + bit_number));
        }
    }
}

// Interrupts first: an INIT that came with them wipes them out, and after one the APIC takes none.
void take_arrivals(ExitContext& context) noexcept {
    Cpu& cpu = context.cpu;
    if (cpu.rm_inbox.is_empty()) return;
    receive_vectors(cpu);
    VcpuApic& apic = cpu.rm.apic;
    const Start start = accept(apic.mp_state, cpu.rm_inbox.take_arrived(), apic.bootstrap);
    if (start.reset) {
        initialize(context);
        trace_event(cpu, RMVISOR_TRACE_INIT, insn::rdtsc(), sent_by_vcpu);
    }
    if (start.startup_page) {
        start_at(context.vmcs, *start.startup_page);
        trace_event(cpu, RMVISOR_TRACE_SIPI, insn::rdtsc(), *start.startup_page);
    }
    if (start.nmi) raise_nmi(cpu.rm.events);
    apic.mp_state = start.state;
}

bool has_wake_event(Cpu& cpu, Vmcs& vmcs) noexcept {
    const u32 interruptibility = vmcs.read<Field::guest_interruptibility>();
    if (cpu.rm.events.nmis != 0 && !has(interruptibility, Interruptibility::blocking_by_nmi))
        return true;
    return has_interrupt(cpu.rm) && has(vmcs.read<Field::guest_rflags>(), Rflags::iflag);
}

bool is_runnable(Cpu& cpu, Vmcs& vmcs) noexcept {
    VcpuApic& apic = cpu.rm.apic;
    if (apic.mp_state == MpState::halted && has_wake_event(cpu, vmcs))
        apic.mp_state = MpState::runnable;
    // A VMCS that can't be read is no reason to wait for ever.
    return apic.mp_state == MpState::runnable || !vmcs.status().ok();
}

bool owner_can_interrupt(const Cpu& cpu, Vmcs& vmcs) noexcept {
    return cpu.rm.apic.mp_state == MpState::halted && cpu.rm.events.owner_wants_window &&
           is_ready_for_interrupt(cpu.rm, vmcs);
}

visor_stop_reason why_stop(const Cpu& cpu, Vmcs& vmcs, u64 now) noexcept {
    if (load_acquire(cpu.shared.kick) != 0) return VISOR_STOP_KICK;
    if (now >= deadline(cpu.rm.clock, Deadline::budget)) return VISOR_STOP_BUDGET;
    return owner_can_interrupt(cpu, vmcs) ? VISOR_STOP_INTERRUPT_WINDOW : VISOR_STOP_NONE;
}

}  // namespace

bool wait_until_runnable(ExitContext& context, visor_stop& stop) noexcept {
    Cpu& cpu = context.cpu;
    if (!cpu.rm.apic.is_on()) return true;
    visor_smis& halted = cpu.shared.halted_smis;
    GapWatch gaps;
    bool waits = false;
    for (;;) {
        const u64 now = insn::rdtsc();
        gaps.look(cpu, halted, now);
        if (watch_is_requested(cpu)) {
            follow_watch(cpu, context.vmcs, false);
            gaps.pause();
        }
        take_arrivals(context);
        run_timer(cpu.rm.apic.local, now);
        const bool runs = is_runnable(cpu, context.vmcs);
        const visor_stop_reason reason = runs ? VISOR_STOP_NONE : why_stop(cpu, context.vmcs, now);
        // What ends the wait may have come with the gap.
        if (runs || reason != VISOR_STOP_NONE) {
            gaps.look(cpu, halted, insn::rdtsc());
            if (waits) sample_smis(cpu, halted);
        }
        if (runs) return true;
        if (reason != VISOR_STOP_NONE) {
            stop.reason = reason;
            return false;
        }
        if (!waits) sample_smis(cpu, cpu.shared.guest_smis);  // those until now
        waits = true;
        count(cpu.shared.polls);
        insn::pause();
    }
}

}  // namespace rmv::apic
