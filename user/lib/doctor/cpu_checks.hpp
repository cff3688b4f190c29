// SPDX-License-Identifier: GPL-2.0-only
//
// Whether each CPU has what rmvisor needs.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "cpu_facts.hpp"
#include "finding.hpp"

namespace rmguest::doctor {

// What a CPU has to have, in the order of the table that doctor prints.
enum class Need {
    vmx,
    firmware,  // IA32_FEATURE_CONTROL lets VMX be used
    true_controls,
    ept,
    vpid,
    unrestricted_guest,
    preemption_timer,
    virtual_nmis,
};
constexpr std::size_t need_count = 8;

[[nodiscard]] const char* name_of(Need need);

// Empty: nothing that we can read tells.
using Answers = std::array<std::optional<bool>, need_count>;

[[nodiscard]] Answers check_cpu(const CpuFacts& cpu);

// One finding per need and kind of answer, with the CPUs that it is about.
[[nodiscard]] Findings check_cpus(const std::vector<CpuFacts>& cpus);

}  // namespace rmguest::doctor
