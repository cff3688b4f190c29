// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/init_signal.hpp"

namespace rmv {

namespace {

// Enough for a sender that means it and repeats itself, few enough to be over within microseconds.
constexpr u32 storm = 16;

// A guest that runs on to the next INIT may be at the same place, as in a loop of one instruction.
// Where the INIT is not used up, the next exit comes with the next entry: well within this.
constexpr u64 soon = 10'000;  // TSC ticks

}  // namespace

Action handle_init_signal(ExitContext& exit, visor_stop& stop) noexcept {
    RmGuest& rm = exit.cpu.rm;
    const u64 place = exit.vmcs.read<Field::guest_cs_base>() + exit.vmcs.read<Field::guest_rip>();
    const u64 now = insn::rdtsc();
    const bool again = place == rm.init_signal_place && now - rm.init_signal_time < soon;
    rm.init_signals = again ? rm.init_signals + 1 : 1;
    rm.init_signal_time = now;
    rm.init_signal_place = place;
    if (rm.init_signals < storm) return Action::resume;
    rm.init_signals = 0;
    stop.reason = VISOR_STOP_INIT_STORM;
    return Action::stop;
}

}  // namespace rmv
