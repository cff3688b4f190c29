// SPDX-License-Identifier: GPL-2.0-only
// Only in builds for tests.
#include "rm_guest/entry_trial.hpp"

#include "vmx/entry_check/entry_check.hpp"
#include "vmx/globals.hpp"
#include "x86/atomic.hpp"

namespace rmv {

namespace {

// The VMCS's values and the trial's change places: done twice, nothing has changed. Returns how
// many did; all but with a field that the CPU has not.
u32 swap_fields(visor_trial& trial, u32 count) noexcept {
    for (u32 i = 0; i < count; ++i) {
        visor_trial_field& one = trial.fields[i];
        Vmcs vmcs;
        const u64 old = vmcs.read_raw(static_cast<Field>(one.field));
        vmcs.write_raw(static_cast<Field>(one.field), one.value);
        if (!vmcs.status().ok()) return i;
        one.value = old;
    }
    return count;
}

// The accessor's failure keeps the caller from the entry.
void refuse_entry(Vmcs& vmcs, visor_trial& trial, visor_trial_state state) noexcept {
    constexpr auto no_field = static_cast<Field>(0x7ffe);
    static_cast<void>(vmcs.read_raw(no_field));
    store_release(trial.state, static_cast<u32>(state));
}

}  // namespace

void begin_trial(Cpu& cpu, Vmcs& vmcs) noexcept {
    visor_trial& trial = cpu.shared.trial;
    if (load_acquire(trial.state) != VISOR_TRIAL_ARMED) return;
    const u32 swapped = swap_fields(trial, trial.count);
    if (swapped != trial.count) {
        swap_fields(trial, swapped);
        trial.count = swapped;
        return refuse_entry(vmcs, trial, VISOR_TRIAL_NO_FIELD);
    }
    Vmcs changed;
    trial.rule = find_broken_rule(globals.facts, changed);
    if (trial.wants_entry != 0) return store_release(trial.state, u32{VISOR_TRIAL_APPLIED});
    swap_fields(trial, trial.count);
    refuse_entry(vmcs, trial, VISOR_TRIAL_CHECKED);
}

void suspend_trial(Cpu& cpu) noexcept {
    if (!is_trial(cpu)) return;
    swap_fields(cpu.shared.trial, cpu.shared.trial.count);
    store_release(cpu.shared.trial.state, u32{VISOR_TRIAL_ARMED});
}

void end_trial(Cpu& cpu, const visor_stop& stop) noexcept {
    if (!is_trial(cpu)) return;
    visor_trial& trial = cpu.shared.trial;
    swap_fields(trial, trial.count);
    trial.exit_reason = stop.exit_reason;
    trial.instruction_error = stop.instruction_error;
    trial.qualification = stop.qualification;
    store_release(trial.state, u32{VISOR_TRIAL_DONE});
}

bool is_trial(const Cpu& cpu) noexcept {
    return load_relaxed(cpu.shared.trial.state) == VISOR_TRIAL_APPLIED;
}

}  // namespace rmv
