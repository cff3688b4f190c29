// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest trace: shows the VM exits of the running module, or those in a file of run --trace.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "commands.hpp"
#include "lib/exit_status.hpp"
#include "lib/number.hpp"
#include "lib/read_file.hpp"
#include "lib/trace_bytes.hpp"
#include "lib/trace_file.hpp"
#include "message.hpp"
#include "trace_options.hpp"
#include "trace_print.hpp"

namespace rmguest {
namespace {

constexpr const char* about =
    "Show VM exits with the instructions that caused them: those in FILE, which\n"
    "rmguest run --trace has written, or the last ones of all CPUs.";

constexpr const char* more_help =
    "TIME and TICKS count TSC ticks: from the first record, and from the exit to the next\n"
    "entry. VISOR tells what rmvisor did about it.\n"
    "\n"
    "Examples:\n"
    "  sudo rmguest trace                     everything that the rings hold\n"
    "  sudo rmguest trace --cpu 2 --vm 0      what Linux did on CPU 2\n"
    "  sudo rmguest trace --image hello.bin   with the instructions of that guest\n"
    "  rmguest trace exits.rmt                a file of rmguest run --trace\n"
    "  rmguest trace --json exits.rmt | jq -r .event | sort | uniq -c";

Result<std::optional<Image>> image_of(const TraceArguments& arguments) {
    std::optional<std::uint64_t> load;
    if (!arguments.load.empty()) {
        const auto address = parse_size(arguments.load);
        if (!address) {
            return address.error();
        }
        load = *address;
    }
    if (arguments.image.empty()) {
        if (load) {
            return Error{"--load goes with --image", "say which image was loaded there"};
        }
        return std::optional<Image>{};
    }
    auto image = read_image(arguments.image, load);
    if (!image) {
        return image.error();
    }
    return std::optional{*std::move(image)};
}

Result<std::vector<rmvisor_trace_record>> read_rings(const TraceArguments& arguments) {
    const auto cpus = traced_cpus(arguments.debugfs);
    if (!cpus) {
        return cpus.error();
    }
    if (arguments.cpu && !std::ranges::binary_search(*cpus, *arguments.cpu)) {
        return Error{fmt::format("CPU {} has no trace", *arguments.cpu),
                     fmt::format("see {}/per_cpu for those that have", arguments.debugfs)};
    }
    std::vector<rmvisor_trace_record> all;
    for (const std::uint32_t cpu : *cpus) {
        if (arguments.cpu.value_or(cpu) != cpu) {
            continue;
        }
        auto reader = TraceReader::open(arguments.debugfs, cpu);
        if (!reader) {
            return reader.error();
        }
        const auto records = reader->read_new();
        if (!records) {
            return records.error();
        }
        all.insert(all.end(), records->begin(), records->end());
    }
    merge_by_time(all);
    return all;
}

Result<Trace> read_running(const TraceArguments& arguments) {
    auto image = image_of(arguments);
    if (!image) {
        return image.error();
    }
    const auto records = read_rings(arguments);
    if (!records) {
        return records.error();
    }
    const InstructionBytes bytes(*std::move(image));
    Trace trace;
    for (const rmvisor_trace_record& record : *records) {
        trace.entries.push_back(bytes.entry_of(record));
    }
    return trace;
}

Result<Trace> read_saved(const TraceArguments& arguments) {
    if (!arguments.image.empty() || !arguments.load.empty()) {
        return Error{"--image and --load do not go with a file, which holds the instructions",
                     "leave them away"};
    }
    const auto bytes = read_file(arguments.file);
    if (!bytes) {
        return bytes.error();
    }
    return decode_trace(*bytes, arguments.file);
}

void keep_chosen(Trace& trace, const TraceArguments& arguments) {
    std::erase_if(trace.entries, [&arguments](const TraceFileEntry& entry) {
        const rmvisor_trace_record& record = entry.record;
        return arguments.cpu.value_or(record.cpu) != record.cpu ||
               arguments.vm.value_or(record.vm) != record.vm;
    });
}

int execute(const TraceArguments& arguments) {
    auto trace = arguments.file.empty() ? read_running(arguments) : read_saved(arguments);
    if (!trace) {
        print_error(trace.error());
        return static_cast<int>(ExitStatus::rmguest_failed);
    }
    keep_chosen(*trace, arguments);
    if (arguments.json) {
        print_trace_json(*trace);
    } else if (trace->entries.empty()) {
        print_note("there are no such records");
    } else {
        print_trace_table(*trace);
    }
    if (trace->lost != 0) {
        print_note(fmt::format("{} records of that CPU were overwritten before they were read",
                               trace->lost));
    }
    return static_cast<int>(ExitStatus::success);
}

}  // namespace

Command add_trace_command(CLI::App& app) {
    auto arguments = std::make_shared<TraceArguments>();
    CLI::App* trace = app.add_subcommand("trace", about);
    trace->footer(more_help);
    trace->option_defaults()->take_last();  // of an option that is given twice
    trace->add_option("FILE", arguments->file, "trace file (default: the running module)");
    trace->add_option("--cpu", arguments->cpu, "only this CPU")->type_name("N");
    trace->add_option("--vm", arguments->vm, "only this guest; 0 is Linux")->type_name("N");
    trace->add_option("--image", arguments->image, "the image that the guests ran")
        ->type_name("IMG");
    trace->add_option("--load", arguments->load, "where it was loaded, as for rmguest run")
        ->type_name("ADDR");
    trace
        ->add_option("--debugfs", arguments->debugfs,
                     "rmvisor's folder in debugfs (default /sys/kernel/debug/rmvisor)")
        ->type_name("DIR");
    trace->add_flag("--json", arguments->json, "one JSON object per line");
    return {trace, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
