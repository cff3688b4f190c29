// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest trace: shows or records the VM exits of the running module, or shows those in a file.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>

#include "commands.hpp"
#include "lib/exit_status.hpp"
#include "lib/read_file.hpp"
#include "lib/trace_bytes.hpp"
#include "lib/trace_stream.hpp"
#include "lib/tsc.hpp"
#include "message.hpp"
#include "trace_live.hpp"
#include "trace_options.hpp"

namespace rmguest {
namespace {

constexpr const char* about =
    "Show VM exits with the instructions that caused them: those in FILE, which\n"
    "rmguest run --trace or rmguest trace --record has written, or the last ones of all CPUs.";

constexpr const char* more_help =
    "TIME and TICKS count TSC ticks: from the first record, and from the exit to the next\n"
    "entry. VISOR tells what rmvisor did about it.\n"
    "\n"
    "Examples:\n"
    "  sudo rmguest trace                     everything that the rings hold\n"
    "  sudo rmguest trace --follow --vm 0     what Linux does, until Ctrl-C\n"
    "  sudo rmguest trace --record all.rmt    all of it into a file, until Ctrl-C\n"
    "  sudo rmguest trace --image hello.bin   with the instructions of that guest\n"
    "  rmguest trace exits.rmt --reason i/o,cpuid\n"
    "  rmguest trace --json exits.rmt | jq -r .event | sort | uniq -c\n"
    "  rmguest trace exits.rmt --format timeline -o exits.json   for ui.perfetto.dev";

Result<Trace> read_running(const TraceArguments& arguments, const TracePlan& plan) {
    auto stream = open_stream(arguments, plan);
    if (!stream) {
        return stream.error();
    }
    const auto records = stream->read_new();
    if (!records) {
        return records.error();
    }
    const InstructionBytes bytes(plan.image);
    Trace trace;
    for (const rmvisor_trace_record& record : *records) {
        trace.entries.push_back(bytes.entry_of(record));
    }
    trace.tsc_khz = plan.format == TraceFormat::timeline ? measure_tsc_khz() : 0;
    trace.symbols = live_symbols(arguments, plan);
    return trace;
}

Result<Trace> read_saved(const TraceArguments& arguments, const TracePlan& plan) {
    const auto bytes = read_file(arguments.file);
    if (!bytes) {
        return bytes.error();
    }
    auto trace = decode_trace(*bytes, arguments.file);
    if (!trace) {
        return trace.error();
    }
    const auto choice = complete_choice(arguments, plan, trace->symbols.names);
    if (!choice) {
        return choice.error();
    }
    std::erase_if(trace->entries, [&choice](const TraceFileEntry& entry) {
        return !is_chosen(*choice, entry.record);
    });
    return trace;
}

void print_trace(const Trace& trace, TraceFormat format, std::FILE* out) {
    if (format == TraceFormat::timeline) {
        print_trace_timeline(trace, out);
        return;
    }
    const auto printer = make_trace_printer(format, out, trace.symbols);
    for (const TraceFileEntry& entry : trace.entries) {
        printer->print(entry);
    }
}

Result<int> show_trace(const TraceArguments& arguments, const TracePlan& plan, std::FILE* out) {
    const auto trace =
        arguments.file.empty() ? read_running(arguments, plan) : read_saved(arguments, plan);
    if (!trace) {
        return trace.error();
    }
    print_trace(*trace, plan.format, out);
    std::fflush(out);
    if (trace->entries.empty() && plan.format == TraceFormat::text) {
        print_note("there are no such records");
    }
    if (trace->lost != 0) {
        print_note(fmt::format("{} records of these CPUs were overwritten before they were read",
                               trace->lost));
    }
    return static_cast<int>(ExitStatus::success);
}

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Outcome flush(std::FILE* out, const std::string& name) {
    if (std::fflush(out) != 0 || std::ferror(out) != 0) {
        return system_error(fmt::format("cannot write {}", name), errno);
    }
    return Done{};
}

Result<int> trace_to_output(const TraceArguments& arguments, const TracePlan& plan) {
    if (!arguments.record.empty()) {
        return record_trace(arguments, plan);
    }
    File file;
    if (!arguments.output.empty()) {
        file.reset(std::fopen(arguments.output.c_str(), "we"));
        if (!file) {
            return system_error(fmt::format("cannot write {}", arguments.output), errno);
        }
    }
    std::FILE* out = file ? file.get() : stdout;
    auto status =
        arguments.follow ? follow_trace(arguments, plan, out) : show_trace(arguments, plan, out);
    const auto flushed = flush(out, file ? arguments.output : "the standard output");
    return flushed || !status ? status : flushed.error();
}

int execute(const TraceArguments& arguments) {
    const auto plan = plan_trace(arguments);
    const auto status = plan ? trace_to_output(arguments, *plan) : plan.error();
    if (!status) {
        print_error(status.error());
        return static_cast<int>(ExitStatus::rmguest_failed);
    }
    return *status;
}

void add_options(CLI::App& trace, TraceArguments& arguments) {
    trace.add_option("FILE", arguments.file, "trace file (default: the running module)");
    trace.add_flag("-f,--follow", arguments.follow, "show what comes, until Ctrl-C");
    trace.add_option("--record", arguments.record, "write what comes to FILE, until Ctrl-C")
        ->type_name("FILE");
    trace.add_option("--seconds", arguments.seconds, "end --follow or --record after that time")
        ->type_name("SEC");
    trace
        .add_option("--filter", arguments.filter,
                    "have the module keep only records that EXPR accepts while this follows or "
                    "records (debugfs filter)")
        ->type_name("EXPR");
    trace.add_option("--cpu", arguments.cpus, "only these CPUs, such as 1,3-5")->type_name("LIST");
    trace.add_option("--vm", arguments.vm, "only this guest, by number or name; 0 is Linux")
        ->type_name("N|NAME");
    trace
        .add_option("--reason", arguments.reasons,
                    "only exits for these reasons: numbers, or parts of names, such as cpuid,i/o")
        ->type_name("LIST");
    trace.add_option("--image", arguments.image, "the image that the guests ran")->type_name("IMG");
    trace.add_option("--load", arguments.load, "where it was loaded, as for rmguest run")
        ->type_name("ADDR");
    trace.add_option("--format", arguments.format, "(default text)")
        ->type_name("text|json|csv|timeline");
    trace.add_flag("--json", arguments.json, "--format json: one JSON object per line");
    trace.add_option("-o,--output", arguments.output, "write to FILE, not to stdout")
        ->type_name("FILE");
    trace
        .add_option("--debugfs", arguments.debugfs,
                    "rmvisor's folder in debugfs (default /sys/kernel/debug/rmvisor)")
        ->type_name("DIR");
}

}  // namespace

Command add_trace_command(CLI::App& app) {
    auto arguments = std::make_shared<TraceArguments>();
    CLI::App* trace = app.add_subcommand("trace", about);
    trace->footer(more_help);
    trace->option_defaults()->take_last();  // of an option that is given twice
    add_options(*trace, *arguments);
    return {trace, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
