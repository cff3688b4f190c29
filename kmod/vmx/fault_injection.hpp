// SPDX-License-Identifier: GPL-2.0-only
// Places in the launch where a build for tests can force a failure. An ordinary build compiles them
// to the good value, and to nothing.
#pragma once

#include "fault_abi.h"
#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

#ifdef RMVISOR_FAULT_INJECTION

template <typename T>
[[nodiscard]] T spoiled(const Cpu& cpu, visor_injected_fault fault, T good, T bad) noexcept {
    return cpu.armed_fault == static_cast<u32>(fault) ? bad : good;
}

// VMXON, VMCLEAR and VMPTRLD fail with an address that is not aligned.
[[nodiscard]] inline u64 spoiled(const Cpu& cpu, visor_injected_fault fault, u64 phys) noexcept {
    return spoiled(cpu, fault, phys, phys | 1);
}

// Breaks a rule of VM entry, or one of VMWRITE.
void spoil_vmcs(Cpu& cpu, Vmcs& vmcs) noexcept;

// Whether VMXOFF shall fail, once.
[[nodiscard]] bool spoil_vmxoff(Cpu& cpu) noexcept;

// An exception in the middle of a leave, once.
void spoil_leave(Cpu& cpu) noexcept;

#else

template <typename T>
[[nodiscard]] constexpr T spoiled(const Cpu&, visor_injected_fault, T good, T) noexcept {
    return good;
}

[[nodiscard]] constexpr u64 spoiled(const Cpu&, visor_injected_fault, u64 phys) noexcept {
    return phys;
}

inline void spoil_vmcs(Cpu&, Vmcs&) noexcept {}

[[nodiscard]] inline bool spoil_vmxoff(Cpu&) noexcept { return false; }

inline void spoil_leave(Cpu&) noexcept {}

#endif

}  // namespace rmv
