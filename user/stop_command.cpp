// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest stop: ends running guests.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "commands.hpp"
#include "lib/control_client.hpp"
#include "lib/exit_status.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

using namespace std::chrono_literals;

constexpr const char* about =
    "End guests that rmguest run runs, and wait until they are gone. Their CPUs go back to\n"
    "Linux, and their rmguest run ends with status 143.";

constexpr auto patience = 30s;

struct StopArguments {
    std::vector<std::string> names;
    bool all = false;
    bool json = false;
};

// The socket goes when the guest has ended; its CPUs go back right after.
Outcome wait_until_gone(const std::string& name) {
    const auto start = std::chrono::steady_clock::now();
    bool has_said = false;
    while (is_guest_there(name)) {
        const auto waited = std::chrono::steady_clock::now() - start;
        if (waited > patience) {
            return Error{fmt::format("guest {} was told to stop and is still there", name),
                         "rmguest ps shows its process; kill -9 gives its CPUs back too"};
        }
        if (waited > 1s && !has_said) {
            print_note(fmt::format("waiting for guest {} to end", name));
            has_said = true;
        }
        std::this_thread::sleep_for(20ms);
    }
    return Done{};
}

Outcome stop_one(const std::string& name) {
    if (const auto answer = ask_guest(name, {{"command", "stop"}}); !answer) {
        return answer.error();
    }
    return wait_until_gone(name);
}

Result<std::vector<std::string>> names_of(const StopArguments& arguments) {
    if (arguments.all == !arguments.names.empty()) {
        return Error{"say which guests: names, or --all", "rmguest ps lists them"};
    }
    return arguments.all ? guest_names() : Result(arguments.names);
}

int execute(const StopArguments& arguments) {
    const auto names = names_of(arguments);
    if (!names) {
        print_error(names.error());
        return static_cast<int>(ExitStatus::rmguest_failed);
    }
    nlohmann::ordered_json report{{"stopped", nlohmann::ordered_json::array()}};
    ExitStatus status = ExitStatus::success;
    for (const std::string& name : *names) {
        if (const auto stopped = stop_one(name); stopped) {
            report["stopped"].push_back(name);
        } else {
            print_error(stopped.error());
            status = ExitStatus::rmguest_failed;
        }
    }
    if (arguments.json) {
        fmt::print("{}\n", report.dump());
    }
    return static_cast<int>(status);
}

}  // namespace

Command add_stop_command(CLI::App& app) {
    auto arguments = std::make_shared<StopArguments>();
    CLI::App* command = app.add_subcommand("stop", about);
    command->add_option("NAME", arguments->names, "the guests, see rmguest ps");
    command->add_flag("--all", arguments->all, "every guest of yours");
    command->add_flag("--json", arguments->json, "print the names of those that were stopped");
    return {command, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
