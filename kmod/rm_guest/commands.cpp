// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/commands.hpp"

#include "rm_guest/groups.hpp"
#include "rm_guest/reset.hpp"
#include "rm_guest/stop.hpp"
#include "vmx/doorbell.hpp"

namespace rmv {

namespace {

// For the commands after which the CPU is still parked.
std::optional<Next> stay(Cpu& cpu, Status status) noexcept {
    answer(cpu, status);
    return std::nullopt;
}

}  // namespace

std::optional<Next> serve_command(Cpu& cpu, rmv_gprs& gprs) noexcept {
    const u32 command = load_acquire(cpu.shared.command);
    const u32 group = load_relaxed(cpu.shared.group);
    if (command > VISOR_COMMAND_DOORBELL) return stay(cpu, {VISOR_BAD_ARGUMENT, command});
    switch (static_cast<visor_command>(command)) {
        case VISOR_COMMAND_NONE: return std::nullopt;
        case VISOR_COMMAND_RUN: return run_guest(cpu, gprs);
        case VISOR_COMMAND_GET_STATE:
            return stay(cpu, get_group(cpu, group, cpu.shared.group_data));
        case VISOR_COMMAND_SET_STATE:
            return stay(cpu, set_group(cpu, group, cpu.shared.group_data));
        case VISOR_COMMAND_RESET: return stay(cpu, reset_guest(cpu));
        case VISOR_COMMAND_GIVE_BACK: return give_back(cpu, gprs);
        case VISOR_COMMAND_DOORBELL: ring_doorbell(cpu); return stay(cpu, success);
    }
    return std::nullopt;
}

}  // namespace rmv
