// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/prepare_entry.hpp"

#include "rm_guest/apic/vmcs.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/entry_trial.hpp"
#include "rm_guest/events.hpp"
#include "rm_guest/guest_debug.hpp"

namespace rmv {

// The clock comes last: its value is as old as the entry is late. What a test changes comes after.
void prepare_entry(Cpu& cpu, Vmcs& vmcs) noexcept {
    suspend_trial(cpu);
    prepare_events(cpu.rm, vmcs);
    if (cpu.rm.apic.is_on()) apic::prepare_entry(cpu, vmcs);
    prepare_step(cpu.rm.debug, vmcs);
    prepare_clock(cpu.rm.clock, vmcs);
    begin_trial(cpu, vmcs);
}

}  // namespace rmv
