// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest: runs real-mode guests on a CPU of their own, and shows the VM exits.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "commands.hpp"
#include "lib/exit_status.hpp"
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

int parse_and_execute(int argc, char** argv) {
    CLI::App app(about, "rmguest");
    app.set_version_flag("--version", "rmguest " RMGUEST_VERSION);
    app.footer(more_help);
    app.require_subcommand(1);
    app.failure_message([](const CLI::App* parser, const CLI::Error& error) {
        return rmguest::format_error({error.what(), "see " + parser->get_name() + " --help"});
    });
    const rmguest::Command commands[] = {rmguest::add_run_command(app),
                                         rmguest::add_trace_command(app)};
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

}  // namespace

int main(int argc, char** argv) {
    try {
        return parse_and_execute(argc, argv);
    } catch (const std::exception& failure) {
        rmguest::print_error({failure.what(), "out of memory, or a fault of rmguest"});
        return static_cast<int>(rmguest::ExitStatus::rmguest_failed);
    }
}
