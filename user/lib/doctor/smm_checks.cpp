// SPDX-License-Identifier: GPL-2.0-only
//
// What each CPU says of system-management mode. CPUs that say the same share a line.
#include <fmt/core.h>

#include <algorithm>

#include "machine_checks.hpp"
#include "smm_facts.hpp"
#include "x86/smm.hpp"

namespace rmguest::doctor {
namespace {

constexpr const char* unseen_cure = "as root: modprobe msr, then rmguest doctor again";

bool has_bit(std::uint64_t word, rmv::SmmMonitorCtl bit) {
    return (word & static_cast<std::uint64_t>(bit)) != 0;
}

Finding dual_monitor(const SmmMsrs& msrs) {
    if ((msrs.vmx_basic.value_or(0) & rmv::vmx_basic_dual_monitor) == 0) {
        return {Verdict::ok, "dual-monitor SMM",
                "not possible: an SMI goes to the firmware's handler; a guest only loses time"};
    }
    if (!msrs.smm_monitor_ctl) {
        return {Verdict::unseen, "dual-monitor SMM",
                "possible, but IA32_SMM_MONITOR_CTL can't be read: whether a monitor takes SMIs "
                "away from the guest's CPU is not known"};
    }
    if (!has_bit(*msrs.smm_monitor_ctl, rmv::SmmMonitorCtl::valid)) {
        return {Verdict::ok, "dual-monitor SMM",
                fmt::format("possible, no monitor installed (IA32_SMM_MONITOR_CTL {:#x}): SMIs go "
                            "to the firmware's handler",
                            *msrs.smm_monitor_ctl)};
    }
    return {Verdict::warning, "dual-monitor SMM",
            fmt::format("the firmware has installed a monitor (IA32_SMM_MONITOR_CTL {:#x}): while "
                        "it is active an SMI in a guest is a VM exit to it, and VMXOFF fails",
                        *msrs.smm_monitor_ctl),
            "if rmmod says that a CPU can't leave VMX, turn the STM off in the firmware's setup"};
}

// SDM: VMXOFF, and Default Treatment of SMI Delivery.
Finding after_vmxoff(const SmmMsrs& msrs) {
    if (has_bit(msrs.smm_monitor_ctl.value_or(0), rmv::SmmMonitorCtl::vmxoff_keeps_smis_blocked)) {
        return {Verdict::warning, "SMI after VMXOFF",
                "VMXOFF leaves SMIs blocked if they were (IA32_SMM_MONITOR_CTL[2]): after a CPU "
                "was given back or the module unloaded the firmware may wait for that CPU",
                "restart the machine after rmmod if it stalls"};
    }
    return {Verdict::ok, "SMI after VMXOFF",
            "not blocked: a CPU that left VMX takes part in SMM as before"};
}

Finding smrr(const SmmMsrs& msrs) {
    if (const auto range = smrr_of(msrs)) {
        return {Verdict::ok, "SMRR",
                fmt::format("SMM's memory is {:#x}-{:#x}, closed to everybody else: nothing that a "
                            "guest does leaves lines of it in a cache",
                            range->base, range->base + range->bytes - 1)};
    }
    if ((msrs.mtrr_cap.value_or(0) & rmv::mtrr_cap_smrr) != 0) {
        return {Verdict::note, "SMRR",
                "there is one, and the firmware does not use it: SMM's memory is guarded by the "
                "chipset alone, and only memory types keep a guest out of SMM's cache lines"};
    }
    return {Verdict::note, "SMRR",
            "none: only memory types keep a guest out of SMM's cache lines (rmvisor never maps "
            "A0000h-BFFFFh write-back)"};
}

Finding feature_control(const SmmMsrs& msrs) {
    if (!msrs.feature_control) {
        return {Verdict::note, "FEATURE_CONTROL", "none: no firmware can lock VMX here"};
    }
    const std::uint64_t value = *msrs.feature_control;
    const auto word = [value](unsigned bit, const char* on, const char* off) {
        return (value >> bit & 1) != 0 ? on : off;
    };
    return {Verdict::note, "FEATURE_CONTROL",
            fmt::format("{:#x}: {}, VMX {}, VMX in SMX {}: guests run {}", value,
                        word(0, "locked", "not locked"), word(2, "on", "off"), word(1, "on", "off"),
                        (value & 5) == 5 ? "until the next reset, whatever SMM code does"
                                         : "only after the firmware's setup has allowed VMX")};
}

using Row = Finding (*)(const SmmMsrs&);
constexpr Row rows[] = {dual_monitor, after_vmxoff, smrr, feature_control};

}  // namespace

Findings check_smm_cpus(const Subject& subject) {
    std::vector<std::uint32_t> unseen;
    std::vector<const CpuFacts*> seen;
    for (const CpuFacts& cpu : subject.cpus) {
        cpu.smm ? seen.push_back(&cpu) : unseen.push_back(cpu.number);
    }
    Findings findings;
    if (!unseen.empty()) {
        findings.push_back({Verdict::unseen, "SMM", "what the CPUs say of it is not ours to read",
                            unseen_cure, unseen});
    }
    for (const Row row : rows) {
        Findings of_row;
        for (const CpuFacts* cpu : seen) {
            Finding one = row(*cpu->smm);
            const auto same = std::ranges::find(of_row, one.text, &Finding::text);
            if (same == of_row.end()) {
                one.cpus = {cpu->number};
                of_row.push_back(std::move(one));
            } else {
                same->cpus.push_back(cpu->number);
            }
        }
        std::ranges::move(of_row, std::back_inserter(findings));
    }
    return findings;
}

}  // namespace rmguest::doctor
