// SPDX-License-Identifier: GPL-2.0-only
#include "doctor.hpp"

#include <algorithm>
#include <array>

namespace rmguest::doctor {
namespace {

using Check = Findings (*)(const Subject&);

constexpr std::array<Check, 14> checks{
    check_processor,
    check_hypervisor,
    check_kernel_release,
    check_module,
    check_other_users_of_vmx,
    check_fred,
    check_lockdown,
    check_debugfs,
    check_hotplug,
    check_isolation,
    check_iommu,
    check_locked_memory,
    check_smm_cpus,
    check_smi_sources,
};

}  // namespace

const char* to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok: return "ok";
        case Verdict::note: return "note";
        case Verdict::warning: return "warning";
        case Verdict::blocks: return "blocks";
        case Verdict::unseen: return "unseen";
    }
    return "unknown";
}

Examination examine(const SystemFiles& files) {
    Examination examination{read_cpus(files), {}};
    const Subject subject{files, examination.cpus};
    for (const Check check : checks) {
        std::ranges::move(check(subject), std::back_inserter(examination.findings));
    }
    std::ranges::move(check_cpus(examination.cpus), std::back_inserter(examination.findings));
    return examination;
}

bool has(const Examination& examination, Verdict verdict) {
    return std::ranges::any_of(examination.findings, [verdict](const Finding& finding) {
        return finding.verdict == verdict;
    });
}

}  // namespace rmguest::doctor
