// SPDX-License-Identifier: GPL-2.0-only
//
// What else of the machine and its Linux matters to rmvisor. A new subject is a file with functions
// of this form and rows in doctor.cpp.
#pragma once

#include <vector>

#include "cpu_facts.hpp"
#include "finding.hpp"
#include "system_files.hpp"

namespace rmguest::doctor {

struct Subject {
    const SystemFiles& files;
    const std::vector<CpuFacts>& cpus;
};

// Hardware and what is below it: processor_checks.cpp.
[[nodiscard]] Findings check_processor(const Subject& subject);
[[nodiscard]] Findings check_hypervisor(const Subject& subject);
[[nodiscard]] Findings check_iommu(const Subject& subject);

// The kernel and its modules: kernel_checks.cpp.
[[nodiscard]] Findings check_kernel_release(const Subject& subject);
[[nodiscard]] Findings check_other_users_of_vmx(const Subject& subject);
[[nodiscard]] Findings check_fred(const Subject& subject);
[[nodiscard]] Findings check_lockdown(const Subject& subject);
[[nodiscard]] Findings check_debugfs(const Subject& subject);
[[nodiscard]] Findings check_module(const Subject& subject);

// Which CPUs can be given to guests: cpu_use_checks.cpp.
[[nodiscard]] Findings check_hotplug(const Subject& subject);
[[nodiscard]] Findings check_isolation(const Subject& subject);
[[nodiscard]] Findings check_locked_memory(const Subject& subject);

// System-management mode, which no hypervisor controls: smm_checks.cpp, smi_checks.cpp.
[[nodiscard]] Findings check_smm_cpus(const Subject& subject);
[[nodiscard]] Findings check_smi_sources(const Subject& subject);

}  // namespace rmguest::doctor
