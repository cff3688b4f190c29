// SPDX-License-Identifier: GPL-2.0-only
// CPUs that the fake CPU can be: capability MSRs, CPUID and VMCS fields. For tests of what depends
// on capabilities, as a parameter.
#pragma once

#include <ostream>
#include <span>

#include "cpu.hpp"

namespace fake {

struct CpuModel {
    const char* name;  // a C++ identifier
    rmv::u32 refusal;  // enum visor_status of pre-flight; VISOR_OK: it is good enough
    visor_cpu_facts facts;
    u64 mtrr_cap;
    CpuidRegs identity, features, extended_features;  // leaves 0, 1, 7
    // What the visor makes of it.
    bool has_large_pages;  // 1 GiB in EPT
    bool has_xapic;        // for a guest's local APIC
    bool has_xsave;
};

// Three generations of Intel's, as their MSRs were read, and Bochs' models, which the lab runs.
extern const std::span<const CpuModel> cpu_models;

// Those that pre-flight takes.
[[nodiscard]] std::vector<CpuModel> good_cpu_models();

// The fake CPU is one of these from now on, with Linux's CR4 on it.
void become(const CpuModel& model);

inline void PrintTo(const CpuModel& model, std::ostream* out) { *out << model.name; }

}  // namespace fake
