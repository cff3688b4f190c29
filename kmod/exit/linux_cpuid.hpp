// SPDX-License-Identifier: GPL-2.0-only
// CPUID: the exit that Linux takes again and again, and the only one that entry.S answers by
// itself, in fewer steps than the general way has (quick_cpuid.h). Whatever is out of the ordinary
// is left to that, with nothing changed.
#pragma once

#include "exit/fault_calls.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {

// Linux is served, its VMCS launched, nothing on its way.
[[nodiscard]] inline bool is_linux_at_work(const Cpu& cpu) noexcept {
    return cpu.mode == Mode::linux_guest && cpu.vmcs_launched != 0 && !cpu.leave.pending &&
           !is_fault_armed(cpu);
}

// Every record is kept, and there is room for it.
[[nodiscard]] inline bool takes_every_record(const Cpu& cpu) noexcept {
    return cpu.filter.accepts_all() && cpu.trace.overwrites();
}

// After each exit of Linux that has gone the general way, since all that this depends on changes
// there only: what entry.S answers from now on.
inline void settle_quick_answers(Cpu& cpu) noexcept {
    static_assert(QUICK_LATENCY == watch_latency);
    const u32 latency = cpu.watch & watch_latency;
    if (!is_linux_at_work(cpu))
        cpu.quick = 0;
    else if (!trace_is_on(cpu))
        cpu.quick = QUICK_ANSWER | latency;
    else
        cpu.quick = takes_every_record(cpu) ? QUICK_TRACE | latency : 0;
}

}  // namespace rmv
