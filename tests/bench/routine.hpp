// SPDX-License-Identifier: GPL-2.0-only
// The guests of the benchmark (guest.asm, smp.asm): one routine per measurement, chosen by BX.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../guests/owner/machine.hpp"

namespace bench {

// As in measure.inc.
inline constexpr std::size_t wanted_address = 0x6000, samples_address = 0x10000;

// Those of guest.asm.
enum class Routine : std::uint16_t {
    nothing,
    cpuid,
    rdmsr,
    wrmsr,
    out,
    in,
    hlt,
    string,
    interrupt,
    absent,
    gaps,
    floor,
    spin,
    nothings,
    late_out,
    watch_gaps,
    touch
};

// The vCPU is about to begin with it. Throws owner::CallFailed.
void choose_routine(const owner::Vcpu& vcpu, std::uint16_t routine);
inline void choose_routine(const owner::Vcpu& vcpu, Routine routine) {
    choose_routine(vcpu, static_cast<std::uint16_t>(routine));
}

// KVM_RUN of a guest whose only exit to its owner is the end. Throws owner::CallFailed or
// std::runtime_error.
void run_to_the_end(const owner::Vcpu& vcpu);

}  // namespace bench
