// SPDX-License-Identifier: GPL-2.0-only
#include "run_options.hpp"

#include <fmt/core.h>

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
    return RunPlan{*std::move(image), *entry, *memory, *seconds};
}

}  // namespace rmguest
