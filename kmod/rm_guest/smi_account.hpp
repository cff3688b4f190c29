// SPDX-License-Identifier: GPL-2.0-only
// Time and SMIs that firmware takes from a dedicated CPU: while its guest runs, while it waits in
// root for a halted guest, and while it waits there for its owner. Two witnesses, neither of which
// costs an exit anything:
//
//  - MSR_SMI_COUNT, where the CPU has it, read when the guest starts, halts, wakes and stops, and
//    at the exits of the preemption timer;
//  - the TSC: a gap between two looks of a waiting CPU, or an exit of the preemption timer that
//    comes late, is time in which not one instruction of ours or of the guest's ran. Each repair
//    of an RSM (rsm_guard.hpp) is an SMI too.
//
// Where there is the MSR it counts and gaps measure; else gaps and repairs count as well. An SMI
// that comes while root serves an exit is the guest's: to tell, every exit would have to read the
// MSR twice.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/globals.hpp"

namespace rmv {

// The CPU was just taken, or waits again.
void start_smi_account(Cpu& cpu) noexcept;

// `latest`, in all that follows: when the exit began that is being handled and has no record yet.
inline constexpr u64 no_exit = ~u64{0};

void read_new_smis(Cpu& cpu, visor_smis& where, u64 latest) noexcept;

// MSR_SMI_COUNT now; what is new happened `where`.
inline void sample_smis(Cpu& cpu, visor_smis& where, u64 latest = no_exit) noexcept {
    if (globals.has_smi_count) read_new_smis(cpu, where, latest);
}

// An SMI that was noticed otherwise.
void note_smi(Cpu& cpu, visor_smis& where, u64 latest) noexcept;

// `ticks` passed, until `end`, in which less should have: an SMI if they are many.
void note_gap(Cpu& cpu, visor_smis& where, u64 ticks, u64 end, u64 latest = no_exit) noexcept;

// A loop that waits looks at the clock each time round.
class GapWatch {
public:
    void look(Cpu& cpu, visor_smis& where, u64 now) noexcept {
        if (last_ != 0) note_gap(cpu, where, now - last_, now);
        last_ = now;
    }
    // What is done next takes time of its own.
    void pause() noexcept { last_ = 0; }

private:
    u64 last_ = 0;
};

}  // namespace rmv
