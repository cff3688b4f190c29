// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest ps: the guests that run.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "commands.hpp"
#include "lib/control_client.hpp"
#include "lib/exit_status.hpp"
#include "lib/guest_list.hpp"
#include "lib/trace_source.hpp"
#include "list_print.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

constexpr const char* about =
    "List the guests that run: a line per vCPU. Root sees those of every program that uses\n"
    "/dev/rmvisor, others those that their own rmguest run runs.";

struct PsArguments {
    std::string debugfs = default_debugfs;
    bool json = false;
};

int execute(const PsArguments& arguments) {
    const auto answers = guests_status();
    if (!answers) {
        print_error(answers.error());
        return static_cast<int>(ExitStatus::rmguest_failed);
    }
    const ModuleView view = look_at_module(arguments.debugfs);
    const nlohmann::ordered_json guests = list_guests(*answers, view);
    if (arguments.json) {
        fmt::print("{}\n", nlohmann::ordered_json{{"guests", guests}}.dump());
    } else if (!guests.empty()) {
        print_guests(guests);
    } else {
        print_note("no guest runs");
        if (view.unseen) {
            print_note(view.unseen->what + ": " + view.unseen->advice);
        }
    }
    return static_cast<int>(ExitStatus::success);
}

}  // namespace

Command add_ps_command(CLI::App& app) {
    auto arguments = std::make_shared<PsArguments>();
    CLI::App* command = app.add_subcommand("ps", about);
    command->option_defaults()->take_last();
    command
        ->add_option("--debugfs", arguments->debugfs,
                     "rmvisor's folder in debugfs (default /sys/kernel/debug/rmvisor)")
        ->type_name("DIR");
    command->add_flag("--json", arguments->json, "print one JSON object");
    return {command, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
