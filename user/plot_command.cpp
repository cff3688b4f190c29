// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest plot: pictures of a recorded trace, drawn by gnuplot.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "lib/exit_status.hpp"
#include "lib/file_descriptor.hpp"
#include "lib/plot_data.hpp"
#include "lib/read_file.hpp"
#include "lib/timeline.hpp"
#include "lib/write_all.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

constexpr const char* about =
    "Draw a recorded trace: a histogram of the time that exits took in the visor, or a\n"
    "timeline of guest, visor and user. Needs gnuplot.";

constexpr const char* more_help =
    "Examples:\n"
    "  rmguest plot exits.rmt -o exits.svg\n"
    "  rmguest plot exits.rmt --timeline -o exits.png";

struct PlotArguments {
    std::string file;
    std::string output;
    bool timeline = false;
    bool script = false;
    bool json = false;
};

Result<std::string> terminal_for(const std::string& output) {
    const std::string extension = std::filesystem::path(output).extension().string();
    if (extension == ".svg") {
        return std::string("svg dynamic background rgb 'white'");
    }
    if (extension == ".png") {
        return std::string("pngcairo");
    }
    return Error{fmt::format("{} is neither an SVG nor a PNG file by its name", output),
                 "give -o NAME.svg or -o NAME.png"};
}

bool has_something(const Trace& trace, bool timeline) {
    return timeline ? !make_slices(trace).empty() : !latency_histograms(trace, 1).empty();
}

[[noreturn]] void become_gnuplot(int input, int output) {
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    // No terminal, no files of the user's that change how pictures look.
    ::execlp("gnuplot", "gnuplot", "-d", "-", static_cast<char*>(nullptr));
    ::_exit(errno == ENOENT ? 127 : 126);
}

Outcome explain_end(int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        return Error{"gnuplot is not installed", "apt-get install gnuplot-nox"};
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return Error{"gnuplot failed",
                     "what it says stands above; --script shows what it was given"};
    }
    return Done{};
}

// Not into the user's file: gnuplot does not tell when a disk is full.
Outcome run_gnuplot(const std::string& script, int picture) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return system_error("no pipe to gnuplot", errno);
    }
    FileDescriptor input(ends[0]);
    FileDescriptor output(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) {
        return system_error("gnuplot can't be started", errno);
    }
    if (child == 0) {
        become_gnuplot(input.get(), picture);
    }
    input = FileDescriptor();
    ::signal(SIGPIPE, SIG_IGN);  // its exit status tells more
    const auto written = write_all(output.get(), script, nullptr);
    output = FileDescriptor();
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    const auto ended = explain_end(status);
    return ended ? written : ended;
}

Result<std::vector<std::uint8_t>> draw(const std::string& script) {
    const FileDescriptor picture(::memfd_create("picture", MFD_CLOEXEC));
    if (!picture) {
        return system_error("no memory for the picture", errno);
    }
    if (const auto done = run_gnuplot(script, picture.get()); !done) {
        return done.error();
    }
    auto bytes = read_file(fmt::format("/proc/self/fd/{}", picture.get()));
    if (bytes && bytes->empty()) {
        return Error{"gnuplot drew nothing", "--script shows what it was given"};
    }
    return bytes;
}

Outcome save(const std::vector<std::uint8_t>& picture, const std::string& path) {
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file) {
        return system_error(fmt::format("cannot write {}", path), errno);
    }
    const std::string_view bytes(reinterpret_cast<const char*>(picture.data()), picture.size());
    if (const auto written = write_all(file.get(), bytes, nullptr); !written) {
        return Error{fmt::format("{}: {}", path, written.error().what), written.error().advice};
    }
    return Done{};
}

Outcome plot(const PlotArguments& arguments) {
    const auto terminal = terminal_for(arguments.output);
    if (!terminal) {
        return terminal.error();
    }
    const auto bytes = read_file(arguments.file);
    if (!bytes) {
        return bytes.error();
    }
    const auto trace = decode_trace(*bytes, arguments.file);
    if (!trace) {
        return trace.error();
    }
    if (!has_something(*trace, arguments.timeline)) {
        return Error{fmt::format("{} has nothing to draw", arguments.file),
                     "record while something happens"};
    }
    const auto make_script = arguments.timeline ? timeline_script : histogram_script;
    if (arguments.script) {
        fmt::print("{}", make_script(*trace, *terminal, arguments.output));
        return Done{};
    }
    const auto picture = draw(make_script(*trace, *terminal, ""));
    return picture ? save(*picture, arguments.output) : Outcome(picture.error());
}

int execute(const PlotArguments& arguments) {
    const auto done = plot(arguments);
    if (!done) {
        print_error(done.error());
        return static_cast<int>(ExitStatus::rmguest_failed);
    }
    if (arguments.json) {
        fmt::print("{}\n", nlohmann::ordered_json{{"file", arguments.output}}.dump());
    }
    return static_cast<int>(ExitStatus::success);
}

}  // namespace

Command add_plot_command(CLI::App& app) {
    auto arguments = std::make_shared<PlotArguments>();
    CLI::App* command = app.add_subcommand("plot", about);
    command->footer(more_help);
    command->option_defaults()->take_last();
    command->add_option("FILE", arguments->file, "trace file")->required();
    command->add_option("-o,--output", arguments->output, "NAME.svg or NAME.png")
        ->type_name("FILE")
        ->required();
    command->add_flag("--timeline", arguments->timeline, "who had each CPU, and when");
    command->add_flag("--script", arguments->script,
                      "print what gnuplot would be given, and draw nothing");
    command->add_flag("--json", arguments->json, "print the name of the file when it was drawn");
    return {command, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
