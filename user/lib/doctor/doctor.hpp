// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "cpu_checks.hpp"
#include "finding.hpp"
#include "machine_checks.hpp"

namespace rmguest::doctor {

struct Examination {
    std::vector<CpuFacts> cpus;
    Findings findings;  // the machine's, then those of CPUs
};

// Looks and changes nothing.
[[nodiscard]] Examination examine(const SystemFiles& files);

[[nodiscard]] bool has(const Examination& examination, Verdict verdict);

}  // namespace rmguest::doctor
