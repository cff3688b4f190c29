// SPDX-License-Identifier: GPL-2.0-only
//
// The subcommands. Each add_ function puts its options into the parser and returns what runs the
// subcommand once the command line has been parsed; that returns the exit status of the process.
#pragma once

#include <CLI/App.hpp>
#include <functional>

namespace rmguest {

struct Command {
    CLI::App* parser;
    std::function<int()> execute;
};

[[nodiscard]] Command add_doctor_command(CLI::App& app);
[[nodiscard]] Command add_inject_command(CLI::App& app);
[[nodiscard]] Command add_plot_command(CLI::App& app);
[[nodiscard]] Command add_ps_command(CLI::App& app);
[[nodiscard]] Command add_run_command(CLI::App& app);
[[nodiscard]] Command add_status_command(CLI::App& app);
[[nodiscard]] Command add_stop_command(CLI::App& app);
[[nodiscard]] Command add_top_command(CLI::App& app);
[[nodiscard]] Command add_trace_command(CLI::App& app);

}  // namespace rmguest
