// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest status: the module, every CPU, and the guests.
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

using nlohmann::ordered_json;

constexpr const char* about =
    "Show what the module does: every CPU with its state, owner and counters, and the\n"
    "guests that run. Needs root, to which debugfs belongs.";

struct StatusArguments {
    std::string debugfs = default_debugfs;
    bool json = false;
};

int execute(const StatusArguments& arguments) {
    const ModuleView view = look_at_module(arguments.debugfs);
    if (view.unseen) {
        print_error(*view.unseen);
        return static_cast<int>(ExitStatus::rmguest_failed);
    }
    const auto answers = guests_status();
    const ordered_json cpus = list_cpus(view);
    const ordered_json guests = list_guests(answers ? *answers : std::vector<ordered_json>{}, view);
    if (arguments.json) {
        fmt::print("{}\n", ordered_json{{"cpus", cpus}, {"guests", guests}}.dump());
        return static_cast<int>(ExitStatus::success);
    }
    print_cpus(cpus);
    fmt::print("\n");
    if (guests.empty()) {
        fmt::print("no guest runs\n");
    } else {
        print_guests(guests);
    }
    return static_cast<int>(ExitStatus::success);
}

}  // namespace

Command add_status_command(CLI::App& app) {
    auto arguments = std::make_shared<StatusArguments>();
    CLI::App* command = app.add_subcommand("status", about);
    command->option_defaults()->take_last();
    command
        ->add_option("--debugfs", arguments->debugfs,
                     "rmvisor's folder in debugfs (default /sys/kernel/debug/rmvisor)")
        ->type_name("DIR");
    command->add_flag("--json", arguments->json, "print one JSON object");
    return {command, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
