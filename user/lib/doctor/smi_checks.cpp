// SPDX-License-Identifier: GPL-2.0-only
//
// What can raise an SMI on this machine. Nothing here is a reason not to load: it tells where time
// may go, and what an owner must not pass through to a guest.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "machine_checks.hpp"
#include "smm_facts.hpp"

namespace rmguest::doctor {
namespace {

Finding command_port(const SmiSources& sources) {
    if (sources.fadt_denied) {
        return {Verdict::unseen, "SMI command", "the FADT is not ours to read",
                "run rmguest doctor as root"};
    }
    if (!sources.fadt) {
        return {Verdict::note, "SMI command", "there is no FADT: Linux runs without ACPI"};
    }
    if (sources.fadt->smi_command == 0) {
        return {Verdict::note, "SMI command",
                "the firmware names no port: software raises no SMI by way of ACPI"};
    }
    return {Verdict::note, "SMI command",
            fmt::format("port {:#x}; {:#x} there turns ACPI on, {:#x} off: a guest that is given "
                        "this port raises SMIs of the machine's",
                        sources.fadt->smi_command, sources.fadt->acpi_enable,
                        sources.fadt->acpi_disable)};
}

Finding enables(const SmiSources& sources) {
    if (!sources.enable) {
        return {Verdict::note, "SMI sources",
                "a chipset whose registers are not known here: SMIs are counted when they come"};
    }
    const SmiEnable& enable = *sources.enable;
    if (!enable.value) {
        return {
            Verdict::unseen, "SMI sources",
            fmt::format("{} port {:#x} is not ours to read", name_of(enable.chipset), enable.port),
            "as root, in a kernel with /dev/port or with the module loaded"};
    }
    const auto names = enabled_sources(enable.chipset, *enable.value);
    if (names.empty()) {
        return {Verdict::ok, "SMI sources",
                fmt::format("{} has SMIs off ({:#x}): none but another CPU's IPI reaches a guest's "
                            "CPU",
                            name_of(enable.chipset), *enable.value)};
    }
    return {Verdict::note, "SMI sources",
            fmt::format("{} lets these raise SMIs ({:#x}): {}; each takes all CPUs away for a "
                        "while, the guest's too",
                        name_of(enable.chipset), *enable.value, fmt::join(names, ", "))};
}

Findings watchdog(const SmiSources& sources) {
    if (!sources.enable || !sources.enable->value ||
        !has_tco(sources.enable->chipset, *sources.enable->value)) {
        return {};
    }
    return {
        {Verdict::note, "TCO watchdog",
         fmt::format("it raises an SMI when it runs out, and resets the machine the second time; "
                     "Linux {}",
                     sources.watchdog.empty() ? std::string("has no driver for it loaded")
                                              : "drives " + sources.watchdog)}};
}

}  // namespace

Findings check_smi_sources(const Subject& subject) {
    const SmiSources sources = read_smi_sources(subject.files);
    Findings findings{command_port(sources), enables(sources)};
    for (Finding& finding : watchdog(sources)) {
        findings.push_back(std::move(finding));
    }
    return findings;
}

}  // namespace rmguest::doctor
