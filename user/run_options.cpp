// SPDX-License-Identifier: GPL-2.0-only
#include "run_options.hpp"

#include <fmt/core.h>

#include "lib/cpu_list.hpp"
#include "lib/machine.hpp"
#include "lib/number.hpp"

namespace rmguest {
namespace {

// The value of an option that may be left away; an error names the option.
template <typename T>
Result<std::optional<T>> optional_value(const char* option, const std::string& text,
                                        Result<T> (*parse)(std::string_view)) {
    if (text.empty()) {
        return std::optional<T>{};
    }
    const auto value = parse(text);
    if (!value) {
        return Error{fmt::format("{}: {}", option, value.error().what), value.error().advice};
    }
    return std::optional<T>{*value};
}

Result<std::uint64_t> memory_size(const std::string& text) {
    const auto given = optional_value("--memory", text, parse_size);
    if (!given) {
        return given.error();
    }
    const std::uint64_t size = given->value_or(default_memory_size);
    if (const auto checked = check_memory_size(size); !checked) {
        return checked.error();
    }
    return size;
}

constexpr std::size_t most_vcpus = 16;  // of rmvisor

// --cpu, --cpus and --vcpus are three ways to say how many CPUs, and which.
Result<std::vector<std::optional<std::uint32_t>>> choose_cpus(const RunArguments& arguments) {
    const int ways =
        (arguments.cpu ? 1 : 0) + (arguments.cpus.empty() ? 0 : 1) + (arguments.vcpus ? 1 : 0);
    if (ways > 1) {
        return Error{"--cpu, --cpus and --vcpus do not go together", "give one of them"};
    }
    std::vector<std::optional<std::uint32_t>> cpus{arguments.cpu};
    if (arguments.vcpus) {
        cpus.assign(*arguments.vcpus, std::nullopt);
    }
    if (!arguments.cpus.empty()) {
        const auto list = parse_cpu_list(arguments.cpus);
        if (!list) {
            return Error{"--cpus: " + list.error().what, list.error().advice};
        }
        cpus.assign(list->begin(), list->end());
    }
    if (cpus.empty() || cpus.size() > most_vcpus) {
        return Error{fmt::format("a guest can't have {} vCPUs", cpus.size()),
                     fmt::format("give it 1 to {}", most_vcpus)};
    }
    return cpus;
}

Result<bool> waits_in_halt(const std::string& text) {
    if (text != "end" && text != "wait") {
        return Error{fmt::format("--halt {} is not known", text), "give --halt end or --halt wait"};
    }
    return text == "wait";
}

Result<std::vector<MmioRange>> mmio_ranges(const RunArguments& arguments) {
    std::vector<MmioRange> ranges;
    for (const std::string& text : arguments.mmio) {
        auto range = parse_mmio(text);
        if (!range) {
            return Error{"--mmio: " + range.error().what, range.error().advice};
        }
        ranges.push_back(*std::move(range));
    }
    if (const auto checked = check_mmio(ranges); !checked) {
        return Error{"--mmio: " + checked.error().what, checked.error().advice};
    }
    if (ranges.empty() && !arguments.mmio_log.empty()) {
        return Error{"--mmio-log has nothing to log", "say which addresses by --mmio ADDR:SIZE"};
    }
    return ranges;
}

Result<std::vector<PortRange>> port_ranges(const RunArguments& arguments) {
    std::vector<PortRange> ranges;
    for (const std::string& text : arguments.ports) {
        auto range = parse_port_range(text);
        if (!range) {
            return Error{"--ports: " + range.error().what, range.error().advice};
        }
        ranges.push_back(*std::move(range));
    }
    return ranges;
}

Result<std::optional<GdbAddress>> gdb_address(const RunArguments& arguments) {
    if (arguments.debug && !arguments.gdb.empty()) {
        return Error{"--debug and --gdb do not go together", "give one of them"};
    }
    return optional_value("--gdb", arguments.gdb, parse_gdb_address);
}

}  // namespace

Result<RunPlan> plan_run(const RunArguments& arguments) {
    const auto load = optional_value("--load", arguments.load, parse_size);
    if (!load) {
        return load.error();
    }
    const auto choice = optional_value("--entry", arguments.entry, parse_entry);
    if (!choice) {
        return choice.error();
    }
    const auto memory = memory_size(arguments.memory);
    if (!memory) {
        return memory.error();
    }
    const auto seconds = optional_value("--timeout", arguments.timeout, parse_seconds);
    if (!seconds) {
        return seconds.error();
    }
    auto cpus = choose_cpus(arguments);
    if (!cpus) {
        return cpus.error();
    }
    const auto waits = waits_in_halt(arguments.halt);
    if (!waits) {
        return waits.error();
    }
    auto mmio = mmio_ranges(arguments);
    if (!mmio) {
        return mmio.error();
    }
    auto ports = port_ranges(arguments);
    if (!ports) {
        return ports.error();
    }
    const auto gdb = gdb_address(arguments);
    if (!gdb) {
        return gdb.error();
    }
    auto image = read_image(arguments.image, *load);
    if (!image) {
        return image.error();
    }
    if (const auto fits = check_fits(*image, *memory); !fits) {
        return fits.error();
    }
    const auto entry = choose_entry(*image, *choice, *memory);
    if (!entry) {
        return entry.error();
    }
    const bool has_apic = arguments.apic || cpus->size() > 1;
    return RunPlan{*std::move(image), *entry,          *memory, *seconds,
                   *std::move(cpus),  has_apic,        *waits,  *std::move(mmio),
                   *std::move(ports), arguments.debug, *gdb};
}

}  // namespace rmguest
