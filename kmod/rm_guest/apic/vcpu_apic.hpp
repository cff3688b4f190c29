// SPDX-License-Identifier: GPL-2.0-only
// What a vCPU keeps of its local APIC. Depends on x86/ alone, so that struct Cpu can hold it.
#pragma once

#include "rm_guest/apic/local_apic.hpp"
#include "rm_guest/apic/startup.hpp"

namespace rmv::apic {

// What the owner has asked for (abi.h: enum visor_apic).
enum class Provision : u32 {
    none = 0,  // no APIC: HLT stops the guest, interrupts are the owner's alone
    emulated = 1,
    physical = 2,  // builds for tests: nothing is intercepted, the guest reaches the machine's APIC
};

struct VcpuApic {
    Provision provision;
    bool bootstrap;
    MpState mp_state;
    LocalApic local;

    [[nodiscard]] bool is_on() const noexcept { return provision == Provision::emulated; }
};

}  // namespace rmv::apic
