// SPDX-License-Identifier: GPL-2.0-only
#include <cpuid.h>
#include <fmt/core.h>

#include <cstring>

#include "machine_checks.hpp"

namespace rmguest::doctor {
namespace {

constexpr unsigned hypervisor_leaf = 0x40000000;

// The name that a hypervisor gives itself.
std::string hypervisor_name(const SystemFiles& files) {
    if (!files.is_this_machine()) {
        return files.read_word("/sys/hypervisor/type");
    }
    unsigned largest = 0;
    char name[13] = {};
    unsigned words[3] = {};
    __cpuid(hypervisor_leaf, largest, words[0], words[1], words[2]);
    std::memcpy(name, words, sizeof(words));
    return name;
}

}  // namespace

Findings check_processor(const Subject& subject) {
    if (subject.cpus.empty()) {
        return {{Verdict::unseen, "processor", "/proc/cpuinfo names no CPU", {}}};
    }
    const CpuFacts& first = subject.cpus.front();
    const std::string name =
        fmt::format("{}, {} online", first.model_name.empty() ? first.vendor : first.model_name,
                    subject.cpus.size());
    if (first.vendor != "GenuineIntel") {
        return {{Verdict::blocks, "processor", name + ": VMX is Intel's",
                 "use a machine with an Intel CPU, or the lab: make run"}};
    }
    return {{Verdict::ok, "processor", name}};
}

Findings check_hypervisor(const Subject& subject) {
    if (subject.cpus.empty() || !subject.cpus.front().flags.contains("hypervisor")) {
        return {{Verdict::ok, "hypervisor", "none below this Linux"}};
    }
    const std::string name = hypervisor_name(subject.files);
    return {{Verdict::note, "hypervisor",
             fmt::format("this Linux runs in a virtual machine{}",
                         name.empty() ? "" : " (" + name + ")"),
             "the host has to offer nested VMX; figures are the host's as much as rmvisor's"}};
}

Findings check_iommu(const Subject& subject) {
    if (!subject.files.list("/sys/class/iommu").empty()) {
        return {{Verdict::ok, "IOMMU", "in use"}};
    }
    return {{Verdict::note, "IOMMU", "none in use: what devices write by DMA is checked by nobody",
             "turn VT-d on in the firmware's setup, and boot with intel_iommu=on"}};
}

}  // namespace rmguest::doctor
