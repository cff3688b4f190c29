// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest doctor: whether this machine can run rmvisor, and what to do where it can't.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "lib/cpu_list.hpp"
#include "lib/doctor/doctor.hpp"
#include "lib/doctor/smm_facts.hpp"
#include "lib/exit_status.hpp"
#include "message.hpp"
#include "x86/smm.hpp"

namespace rmguest {
namespace {

using doctor::Examination;
using doctor::Finding;
using doctor::Verdict;
using nlohmann::ordered_json;

constexpr const char* about =
    "Look whether this machine can run rmvisor, CPU by CPU, and say what to do where it\n"
    "can't. Needs neither root nor the module, and changes nothing.";

constexpr const char* more_help =
    "Exit status:\n"
    "  0    nothing stands in the way\n"
    "  1    something does (lines that begin with 'blocks')\n"
    "  125  rmguest failed\n"
    "\n"
    "As root, with the msr module (modprobe msr), it looks at the CPUs' own registers, and at "
    "what\n"
    "the firmware's system-management mode (SMM) can do to a guest.";

constexpr int blocked_status = 1;

struct DoctorArguments {
    std::string root = "/";
    bool json = false;
};

const char* colour_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok: return "\x1b[32m";
        case Verdict::warning:
        case Verdict::unseen: return "\x1b[33m";
        case Verdict::blocks: return "\x1b[1;31m";
        case Verdict::note: return "";
    }
    return "";
}

void print_finding(const Finding& finding, bool colour) {
    const char* on = colour ? colour_of(finding.verdict) : "";
    const std::string where =
        finding.cpus.empty() ? "" : fmt::format("CPU {}: ", format_cpu_list(finding.cpus));
    fmt::print("{}{:<8}{} {:<19} {}{}\n", on, to_string(finding.verdict),
               *on != '\0' ? "\x1b[0m" : "", finding.subject, where, finding.text);
    if (!finding.cure.empty()) {
        fmt::print("{:29}-> {}\n", "", finding.cure);
    }
}

std::string conclusion(const Examination& examination) {
    if (has(examination, Verdict::blocks)) {
        return "rmvisor can't be loaded here as things are.";
    }
    if (has(examination, Verdict::unseen)) {
        return "Nothing was found that stands in the way, but not all could be seen.";
    }
    return "rmvisor can be loaded here.";
}

void print_text(const Examination& examination) {
    const bool colour = wants_colour(STDOUT_FILENO);
    for (const Finding& finding : examination.findings) {
        print_finding(finding, colour);
    }
    fmt::print("\n{}\n", conclusion(examination));
}

template <typename Number>
ordered_json number_or_null(const std::optional<Number>& number) {
    return number ? ordered_json(*number) : ordered_json(nullptr);
}

ordered_json smm_json(const doctor::SmmMsrs& msrs) {
    ordered_json json{
        {"dual_monitor", (msrs.vmx_basic.value_or(0) & rmv::vmx_basic_dual_monitor) != 0},
        {"smm_monitor_ctl", number_or_null(msrs.smm_monitor_ctl)},
        {"feature_control", number_or_null(msrs.feature_control)},
        {"smrr_possible", (msrs.mtrr_cap.value_or(0) & rmv::mtrr_cap_smrr) != 0},
        {"smrr", nullptr}};
    if (const auto smrr = smrr_of(msrs)) {
        json["smrr"] = {{"base", smrr->base}, {"bytes", smrr->bytes}};
    }
    return json;
}

ordered_json json_of(const doctor::CpuFacts& cpu) {
    ordered_json json{{"cpu", cpu.number}, {"model", cpu.model_name}};
    const doctor::Answers answers = check_cpu(cpu);
    for (std::size_t index = 0; index < answers.size(); ++index) {
        const auto& answer = answers.at(index);
        json["needs"][name_of(static_cast<doctor::Need>(index))] =
            answer ? ordered_json(*answer) : ordered_json(nullptr);
    }
    json["source"] = cpu.msrs ? "msr" : "cpuinfo";
    json["smm"] = cpu.smm ? smm_json(*cpu.smm) : ordered_json(nullptr);
    return json;
}

ordered_json smi_json(const doctor::SmiSources& sources) {
    ordered_json json{{"acpi", nullptr}, {"chipset", nullptr}};
    if (sources.fadt) {
        json["acpi"] = {{"smi_command_port", sources.fadt->smi_command},
                        {"acpi_enable", sources.fadt->acpi_enable},
                        {"acpi_disable", sources.fadt->acpi_disable}};
    }
    if (const auto& enable = sources.enable) {
        json["chipset"] = {{"name", name_of(enable->chipset)},
                           {"smi_enable_port", enable->port},
                           {"smi_enable", number_or_null(enable->value)}};
        json["chipset"]["sources"] =
            enable->value ? ordered_json(enabled_sources(enable->chipset, *enable->value))
                          : ordered_json(nullptr);
    }
    return json;
}

void print_json(const Examination& examination, const doctor::SystemFiles& files) {
    ordered_json report{{"usable", !has(examination, Verdict::blocks)},
                        {"complete", !has(examination, Verdict::unseen)},
                        {"findings", ordered_json::array()},
                        {"cpus", ordered_json::array()},
                        {"smi", smi_json(doctor::read_smi_sources(files))}};
    for (const Finding& finding : examination.findings) {
        report["findings"].push_back({{"verdict", to_string(finding.verdict)},
                                      {"subject", finding.subject},
                                      {"text", finding.text},
                                      {"cure", finding.cure},
                                      {"cpus", finding.cpus}});
    }
    for (const doctor::CpuFacts& cpu : examination.cpus) {
        report["cpus"].push_back(json_of(cpu));
    }
    fmt::print("{}\n", report.dump());
}

int execute(const DoctorArguments& arguments) {
    std::error_code why;
    if (!std::filesystem::is_directory(arguments.root, why)) {
        print_error(Error{fmt::format("--root: {} is no folder", arguments.root),
                          "give one with proc, sys and dev in it, or leave it away"});
        return static_cast<int>(ExitStatus::rmguest_failed);
    }
    const doctor::SystemFiles files(arguments.root);
    const Examination examination = doctor::examine(files);
    if (arguments.json) {
        print_json(examination, files);
    } else {
        print_text(examination);
    }
    return has(examination, Verdict::blocks) ? blocked_status
                                             : static_cast<int>(ExitStatus::success);
}

}  // namespace

Command add_doctor_command(CLI::App& app) {
    auto arguments = std::make_shared<DoctorArguments>();
    CLI::App* command = app.add_subcommand("doctor", about);
    command->footer(more_help);
    command->option_defaults()->take_last();
    command->add_flag("--json", arguments->json, "print one JSON object");
    command
        ->add_option("--root", arguments->root,
                     "where /proc, /sys and /dev are looked for (default /)")
        ->type_name("DIR");
    return {command, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
