// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest: runs real-mode guests on a CPU of their own, and shows the VM exits.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>
#include <vector>

#include "commands.hpp"
#include "lib/exit_status.hpp"
#include "lib/near_names.hpp"
#include "message.hpp"

namespace {

constexpr const char* about =
    "Runs 16-bit real-mode guests on a CPU of the machine that Linux gives away\n"
    "(rmvisor), and shows the VM exits that they and Linux take.";

constexpr const char* more_help =
    "Examples:\n"
    "  sudo rmguest run hello.bin            on a free CPU, by way of /dev/rmvisor\n"
    "  rmguest run --device /dev/kvm hello.bin\n"
    "  sudo rmguest trace                    the exits of all CPUs\n"
    "\n"
    "rmguest COMMAND --help tells more; so do rmguest(1), rmguest-run(1), rmguest-trace(1).";

// CLI11's own statuses are of no use to scripts; --help and --version are no errors.
int report_parse_end(const CLI::App& app, const CLI::ParseError& end) {
    const int status = app.exit(end);
    return status == 0 ? 0 : static_cast<int>(rmguest::ExitStatus::rmguest_failed);
}

// CLI11 would only say that a subcommand is required.
std::optional<rmguest::Error> check_command_name(const CLI::App& app, int argc, char** argv) {
    const std::string_view name = argc > 1 ? argv[1] : "";
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({})) {
        known.push_back(command->get_name());
    }
    if (name.empty() || name.front() == '-' || std::ranges::find(known, name) != known.end()) {
        return std::nullopt;
    }
    const std::string near = rmguest::describe_near_names(name, known);
    return rmguest::Error{fmt::format("there is no command '{}'", name),
                          near.empty() ? "see rmguest --help" : "did you mean " + near + "?"};
}

std::string parse_failure(const CLI::App* app, const CLI::Error& error) {
    std::string name = app->get_name();
    for (const CLI::App* command : app->get_subcommands()) {
        name += " " + command->get_name();
    }
    return rmguest::format_error({error.what(), "see " + name + " --help"});
}

// In the order of rmguest --help.
constexpr std::array adders{
    &rmguest::add_run_command,    &rmguest::add_ps_command,   &rmguest::add_status_command,
    &rmguest::add_inject_command, &rmguest::add_stop_command, &rmguest::add_top_command,
    &rmguest::add_trace_command,  &rmguest::add_plot_command, &rmguest::add_doctor_command,
};

int parse_and_execute(int argc, char** argv) {
    CLI::App app(about, "rmguest");
    app.set_version_flag("--version", "rmguest " RMGUEST_VERSION);
    app.footer(more_help);
    app.require_subcommand(1);
    app.failure_message(parse_failure);
    std::vector<rmguest::Command> commands;
    for (const auto add : adders) {
        commands.push_back(add(app));
    }
    if (const auto error = check_command_name(app, argc, argv)) {
        rmguest::print_error(*error);
        return static_cast<int>(rmguest::ExitStatus::rmguest_failed);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& end) {
        return report_parse_end(app, end);
    }
    for (const rmguest::Command& command : commands) {
        if (command.parser->parsed()) {
            return command.execute();
        }
    }
    return static_cast<int>(rmguest::ExitStatus::rmguest_failed);
}

// What a command has printed may be nowhere yet.
int finish_output(int status) {
    constexpr int failed = static_cast<int>(rmguest::ExitStatus::rmguest_failed);
    errno = 0;
    const bool is_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (is_written || status == failed) {
        return status;
    }
    rmguest::print_error(
        rmguest::system_error("cannot write to the standard output", errno != 0 ? errno : EIO));
    return failed;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return finish_output(parse_and_execute(argc, argv));
    } catch (const std::exception& failure) {
        rmguest::print_error({failure.what(), "out of memory, or a fault of rmguest"});
        return static_cast<int>(rmguest::ExitStatus::rmguest_failed);
    }
}
