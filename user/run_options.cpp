// SPDX-License-Identifier: GPL-2.0-only
#include "run_options.hpp"

#include "lib/machine.hpp"
#include "lib/number.hpp"

namespace rmguest {
namespace {

Result<std::optional<std::uint64_t>> optional_size(const std::string& text) {
    if (text.empty()) {
        return std::optional<std::uint64_t>{};
    }
    const auto size = parse_size(text);
    if (!size) {
        return size.error();
    }
    return std::optional{*size};
}

Result<std::uint64_t> memory_size(const std::string& text) {
    const auto given = optional_size(text);
    if (!given) {
        return given.error();
    }
    const std::uint64_t size = given->value_or(default_memory_size);
    if (const auto checked = check_memory_size(size); !checked) {
        return checked.error();
    }
    return size;
}

Result<std::optional<EntryChoice>> entry_choice(const std::string& text) {
    if (text.empty()) {
        return std::optional<EntryChoice>{};
    }
    const auto choice = parse_entry(text);
    if (!choice) {
        return choice.error();
    }
    return std::optional{*choice};
}

Result<std::optional<double>> timeout(const std::string& text) {
    if (text.empty()) {
        return std::optional<double>{};
    }
    const auto seconds = parse_seconds(text);
    if (!seconds) {
        return seconds.error();
    }
    return std::optional{*seconds};
}

}  // namespace

Result<RunPlan> plan_run(const RunArguments& arguments) {
    const auto load = optional_size(arguments.load);
    if (!load) {
        return load.error();
    }
    const auto choice = entry_choice(arguments.entry);
    if (!choice) {
        return choice.error();
    }
    const auto memory = memory_size(arguments.memory);
    if (!memory) {
        return memory.error();
    }
    const auto seconds = timeout(arguments.timeout);
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
