// SPDX-License-Identifier: GPL-2.0-only
#include "exit/linux_init.hpp"

#include "exit/event.hpp"
#include "x86/apic.hpp"

namespace rmv {

namespace {

constexpr u64 rflags_if = bit(9);

// So many at one instruction, each soon after the one before: nothing of Linux runs between them.
constexpr u32 storm = 16;
constexpr u64 soon = 10'000;  // TSC ticks

[[nodiscard]] bool is_boot_cpu() noexcept {
    return has(insn::rdmsr(Msr::apic_base), ApicBase::bootstrap);
}

[[nodiscard]] bool is_storm(InitSignals& seen, u64 rip) noexcept {
    const u64 now = insn::rdtsc();
    const bool again = rip == seen.place && now - seen.when < soon;
    seen = {.place = rip, .when = now, .in_a_row = again ? seen.in_a_row + 1 : 1};
    return seen.in_a_row >= storm;
}

}  // namespace

bool ignore_init(ExitContext& exit) noexcept {
    if ((exit.vmcs.read<Field::guest_rflags>() & rflags_if) == 0 || is_boot_cpu()) return false;
    if (is_storm(exit.cpu.linux_inits, exit.vmcs.read<Field::guest_rip>())) return false;
    count(exit.cpu.shared.stray_inits);
    return true;
}

}  // namespace rmv
