// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/clock.hpp"

#include "rm_guest/smi_account.hpp"
#include "vmx/globals.hpp"
#include "x86/atomic.hpp"

namespace rmv {

namespace {

constexpr u32 longest_count = ~u32{0};

u64 next_deadline(const GuestClock& clock) noexcept {
    u64 next = never;
    for (const u64 at : clock.deadlines) next = at < next ? at : next;
    return next;
}

// IA32_VMX_MISC[4:0]: the timer counts down when that bit of the TSC changes (SDM: Miscellaneous
// Data). The first count comes early by up to one period, so there is one more: better late by it
// than an exit for nothing.
u32 timer_count(u64 ticks) noexcept {
    const unsigned rate = static_cast<unsigned>(bits(globals.facts.vmx_misc, 4, 0));
    if (ticks == 0) return 0;
    const u64 count = ((ticks + bit(rate) - 1) >> rate) + (rate != 0);
    return count < longest_count ? static_cast<u32>(count) : longest_count;
}

}  // namespace

void reset_clock(GuestClock& clock, Vmcs& vmcs) noexcept {
    for (u64& at : clock.deadlines) at = never;
    write_guest_tsc(clock, vmcs, 0);
}

void write_guest_tsc(GuestClock& clock, Vmcs& vmcs, u64 value) noexcept {
    clock.tsc_offset = value - insn::rdtsc();
    vmcs.write<Field::tsc_offset>(u64{clock.tsc_offset});
}

void start_budget(GuestClock& clock, u64 ticks) noexcept {
    const u64 now = insn::rdtsc();
    const bool ends = ticks != 0 && ticks < never - now;
    set_deadline(clock, Deadline::budget, ends ? now + ticks : never);
}

u64 budget_left(const GuestClock& clock, u64 now) noexcept {
    const u64 end = deadline(clock, Deadline::budget);
    if (end == never) return 0;
    return end > now ? end - now : 1;
}

void prepare_clock(GuestClock& clock, Vmcs& vmcs) noexcept {
    const u64 now = insn::rdtsc();
    const u64 next = next_deadline(clock);
    const u64 left = next > now ? next - now : 0;
    const u32 count = timer_count(left < watchdog_ticks ? left : watchdog_ticks);
    const unsigned rate = static_cast<unsigned>(bits(globals.facts.vmx_misc, 4, 0));
    clock.timer_end = now + (u64{count} << rate);
    vmcs.write<Field::preemption_timer_value>(count);
}

Action handle_preemption_timer(Cpu& cpu, u64 exit_start, visor_stop& stop) noexcept {
    const u64 now = insn::rdtsc();
    visor_smis& where = cpu.shared.guest_smis;
    sample_smis(cpu, where, exit_start);
    if (now > cpu.rm.clock.timer_end)
        note_gap(cpu, where, now - cpu.rm.clock.timer_end, now, exit_start);
    if (load_acquire(cpu.shared.kick) != 0)
        stop.reason = VISOR_STOP_KICK;
    else if (now >= deadline(cpu.rm.clock, Deadline::budget))
        stop.reason = VISOR_STOP_BUDGET;
    else
        return Action::resume;
    return Action::stop;
}

}  // namespace rmv
