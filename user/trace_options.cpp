// SPDX-License-Identifier: GPL-2.0-only
#include "trace_options.hpp"

#include <fmt/core.h>

#include "lib/cpu_list.hpp"
#include "lib/number.hpp"

namespace rmguest {
namespace {

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

Result<TraceChoice> choice_of(const TraceArguments& arguments) {
    TraceChoice choice;
    if (!arguments.cpus.empty()) {
        auto cpus = parse_cpu_list(arguments.cpus);
        if (!cpus) {
            return Error{"--cpu: " + cpus.error().what, cpus.error().advice};
        }
        choice.cpus = *std::move(cpus);
    }
    auto reasons = parse_reasons(arguments.reasons);
    if (!reasons) {
        return reasons.error();
    }
    choice.reasons = *std::move(reasons);
    return choice;
}

// What does not go together.
Outcome check_combination(const TraceArguments& arguments, TraceFormat format) {
    const bool is_live = arguments.follow || !arguments.record.empty();
    if (!arguments.file.empty()) {
        if (!arguments.image.empty() || !arguments.load.empty()) {
            return Error{"--image and --load do not go with a file, which holds the instructions",
                         "leave them away"};
        }
        if (is_live || !arguments.filter.empty()) {
            return Error{"--follow, --record and --filter need the running module, not a file",
                         "leave the file away, or use --cpu, --vm and --reason"};
        }
    }
    if (arguments.follow && !arguments.record.empty()) {
        return Error{"--follow and --record do not go together", "run two of them"};
    }
    if (arguments.follow && format == TraceFormat::timeline) {
        return Error{"a timeline can't be followed", "--record first, then --format timeline"};
    }
    if (!is_live && (!arguments.seconds.empty() || !arguments.filter.empty())) {
        return Error{"--seconds and --filter go with --follow and --record", "give one of these"};
    }
    return Done{};
}

}  // namespace

Result<TracePlan> plan_trace(const TraceArguments& arguments) {
    const auto format = parse_trace_format(arguments.json ? "json" : arguments.format);
    if (!format) {
        return format.error();
    }
    if (const auto checked = check_combination(arguments, *format); !checked) {
        return checked.error();
    }
    auto choice = choice_of(arguments);
    if (!choice) {
        return choice.error();
    }
    auto image = image_of(arguments);
    if (!image) {
        return image.error();
    }
    TracePlan plan{*std::move(choice), *std::move(image), *format, {}};
    if (!arguments.seconds.empty()) {
        const auto seconds = parse_seconds(arguments.seconds);
        if (!seconds) {
            return seconds.error();
        }
        plan.seconds = *seconds;
    }
    return plan;
}

Result<TraceChoice> complete_choice(const TraceArguments& arguments, const TracePlan& plan,
                                    const VmNames& names) {
    TraceChoice choice = plan.choice;
    if (!arguments.vm.empty()) {
        const auto vm = find_vm(names, arguments.vm);
        if (!vm) {
            return vm.error();
        }
        choice.vm = *vm;
    }
    return choice;
}

}  // namespace rmguest
