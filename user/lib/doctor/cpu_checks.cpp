// SPDX-License-Identifier: GPL-2.0-only
#include "cpu_checks.hpp"

#include "vmx/controls.hpp"
#include "vmx/ept_vpid_cap.hpp"
#include "x86/types.hpp"

namespace rmguest::doctor {
namespace {

using rmv::EptVpidCap;
using rmv::mask;
using rmv::Pin;
using rmv::Primary;
using rmv::Secondary;

constexpr std::uint64_t feature_control_locked = rmv::bit(0);
constexpr std::uint64_t feature_control_vmx = rmv::bit(2);

struct NeedText {
    Need need;
    const char* name;
    const char* missing;
    const char* cure;
};

constexpr const char* other_cpu =
    "use a CPU that has it (Westmere, 2010, or later); in a virtual machine, let the host offer it "
    "(nested VMX)";

constexpr std::array<NeedText, need_count> needs{{
    {Need::vmx, "VMX", "there is no VMX, or the firmware hides it",
     "use an Intel CPU with VT-x, and turn VT-x on in the firmware's setup; in a virtual machine, "
     "turn on nested virtualization"},
    {Need::firmware, "firmware lock",
     "the firmware does not allow VMX (IA32_FEATURE_CONTROL is locked with VMX off, or not locked)",
     "turn on VT-x (Intel Virtualization Technology) in the firmware's setup"},
    {Need::true_controls, "TRUE controls", "there are no TRUE capability MSRs", other_cpu},
    {Need::ept, "EPT",
     "there are no extended page tables with a 4-level walk, write-back tables and INVEPT",
     other_cpu},
    {Need::vpid, "VPID", "there are no virtual-processor identifiers with INVVPID", other_cpu},
    {Need::unrestricted_guest, "unrestricted guest", "real mode can't run in a guest", other_cpu},
    {Need::preemption_timer, "preemption timer", "there is no VMX-preemption timer", other_cpu},
    {Need::virtual_nmis, "virtual NMIs", "there is no NMI exiting with virtual NMIs", other_cpu},
}};

const NeedText& text_of(Need need) { return needs.at(static_cast<std::size_t>(need)); }

// The high half of a capability MSR has the controls that may be 1.
bool allows(std::uint64_t capability, std::uint64_t controls) {
    return (rmv::high32(capability) & controls) == controls;
}

bool has_all(std::uint64_t word, std::uint64_t bits) { return (word & bits) == bits; }

std::optional<bool> answer_by_msrs(Need need, const VmxMsrs& msrs) {
    const std::uint64_t secondary =
        allows(msrs.primary, mask(Primary::secondary_controls)) ? msrs.secondary : 0;
    switch (need) {
        case Need::vmx: return true;
        case Need::firmware:
            return has_all(msrs.feature_control, feature_control_locked | feature_control_vmx);
        case Need::true_controls: return has_all(msrs.basic, basic_true_controls);
        case Need::ept:
            return allows(secondary, mask(Secondary::ept)) &&
                   has_all(msrs.ept_vpid_cap,
                           mask(EptVpidCap::page_walk_4, EptVpidCap::paging_structures_wb,
                                EptVpidCap::invept, EptVpidCap::invept_single_context,
                                EptVpidCap::invept_all_context));
        case Need::vpid:
            return allows(secondary, mask(Secondary::vpid)) &&
                   has_all(msrs.ept_vpid_cap,
                           mask(EptVpidCap::invvpid, EptVpidCap::invvpid_single_context));
        case Need::unrestricted_guest:
            return allows(secondary, mask(Secondary::unrestricted_guest));
        case Need::preemption_timer: return allows(msrs.pin, mask(Pin::preemption_timer));
        case Need::virtual_nmis: return allows(msrs.pin, mask(Pin::nmi_exiting, Pin::virtual_nmis));
    }
    return std::nullopt;
}

std::optional<bool> answer_by_cpuinfo(Need need, const CpuFacts& cpu) {
    const auto vmx_flag = [&cpu](const char* flag) {
        return cpu.has_vmx_line ? std::optional{cpu.vmx_flags.contains(flag)} : std::nullopt;
    };
    switch (need) {
        case Need::vmx: return cpu.flags.contains("vmx");
        case Need::firmware:
            // Linux takes the flag away where the firmware has locked VMX off.
            return cpu.flags.contains("vmx") ? std::optional{true} : std::nullopt;
        case Need::true_controls: return std::nullopt;
        case Need::ept: return cpu.flags.contains("ept");
        case Need::vpid: return cpu.flags.contains("vpid");
        case Need::unrestricted_guest: return vmx_flag("unrestricted_guest");
        case Need::preemption_timer: return vmx_flag("preemption_timer");
        case Need::virtual_nmis: return vmx_flag("vnmi");
    }
    return std::nullopt;
}

Finding finding_for(Need need, std::optional<bool> answer, std::vector<std::uint32_t> cpus) {
    const NeedText& text = text_of(need);
    if (!answer) {
        return {Verdict::unseen, text.name, "neither /proc/cpuinfo nor /dev/cpu/N/msr tells",
                "as root: modprobe msr, then rmguest doctor again", std::move(cpus)};
    }
    if (!*answer) {
        return {Verdict::blocks, text.name, text.missing, text.cure, std::move(cpus)};
    }
    return {Verdict::ok, text.name, "yes", {}, std::move(cpus)};
}

// Hybrid parts: all CPUs are built into one set of tables.
void compare_cpus(Findings& findings, const std::vector<CpuFacts>& cpus) {
    std::vector<std::uint32_t> different;
    for (const CpuFacts& cpu : cpus) {
        if (cpu.msrs != cpus.front().msrs || cpu.vmx_flags != cpus.front().vmx_flags) {
            different.push_back(cpu.number);
        }
    }
    if (!different.empty()) {
        findings.push_back({Verdict::blocks, "equal CPUs",
                            "their VMX capabilities differ from those of the first CPU",
                            "take the CPUs of the other kind offline, or turn them off in the "
                            "firmware's setup",
                            different});
    }
}

}  // namespace

const char* name_of(Need need) { return text_of(need).name; }

Answers check_cpu(const CpuFacts& cpu) {
    Answers answers{};
    for (const NeedText& text : needs) {
        auto& answer = answers.at(static_cast<std::size_t>(text.need));
        answer =
            cpu.msrs ? answer_by_msrs(text.need, *cpu.msrs) : answer_by_cpuinfo(text.need, cpu);
    }
    // A CPU without VMX has nothing else to ask for.
    if (answers.front() == false) {
        answers = {};
        answers.front() = false;
        if (cpu.feature_control) {
            answers.at(1) = has_all(*cpu.feature_control, feature_control_vmx);
        }
    }
    return answers;
}

Findings check_cpus(const std::vector<CpuFacts>& cpus) {
    Findings findings;
    for (const NeedText& text : needs) {
        std::map<std::optional<bool>, std::vector<std::uint32_t>> by_answer;
        for (const CpuFacts& cpu : cpus) {
            const Answers answers = check_cpu(cpu);
            const bool is_asked = text.need == Need::vmx || answers.front() == true ||
                                  (text.need == Need::firmware && answers.at(1) == false);
            if (is_asked) {
                by_answer[answers.at(static_cast<std::size_t>(text.need))].push_back(cpu.number);
            }
        }
        for (auto& [answer, numbers] : by_answer) {
            findings.push_back(finding_for(text.need, answer, std::move(numbers)));
        }
    }
    if (!cpus.empty()) {
        compare_cpus(findings, cpus);
    }
    return findings;
}

}  // namespace rmguest::doctor
