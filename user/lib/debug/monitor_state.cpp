// SPDX-License-Identifier: GPL-2.0-only
//
// Commands about registers, vCPUs and exits.
#include <fmt/core.h>

#include "lib/failure_report.hpp"
#include "monitor.hpp"
#include "register_access.hpp"

namespace rmguest {
namespace {

constexpr std::uint64_t default_exits = 20;

std::string list_exits(const std::vector<GuestExit>& exits) {
    std::string text;
    for (const GuestExit& exit : exits) {
        text += "  " + describe(exit) + "\n";
    }
    return text.empty() ? "there were none\n" : text;
}

}  // namespace

Result<std::string> Monitor::show_registers(const Words&) {
    const auto state = target_.state(vcpu_);
    return state ? Result<std::string>(describe_state(*state, target_.bus())) : state.error();
}

Result<std::string> Monitor::set_register(const Words& words) {
    auto state = target_.state(vcpu_);
    const auto value = number(words[1]);
    if (!state || !value) {
        return state ? value.error() : state.error();
    }
    if (const auto written = write_register(*state, words[0], *value); !written) {
        return written.error();
    }
    if (const auto set = target_.set_state(vcpu_, *state); !set) {
        return set.error();
    }
    next_code_.reset();
    return fmt::format("{} = {:x}\n", words[0], *value);
}

Result<std::string> Monitor::choose_vcpu(const Words& words) {
    if (!words.empty()) {
        const auto which = number(words[0]);
        if (!which) {
            return which.error();
        }
        if (*which >= target_.vcpu_count()) {
            return Error{fmt::format("the guest has no vCPU {:x}", *which),
                         fmt::format("give one from 0 to {:x}", target_.vcpu_count() - 1)};
        }
        vcpu_ = static_cast<std::uint32_t>(*which);
        next_code_.reset();
    }
    return fmt::format("vCPU {} of {}\n", vcpu_, target_.vcpu_count()) + show_place();
}

Result<std::string> Monitor::show_exits(const Words& words) {
    const auto count = words.empty() ? Result<std::uint64_t>(default_exits) : number(words[0]);
    return count ? Result<std::string>(list_exits(target_.exits().last(*count, false)))
                 : count.error();
}

Result<std::string> Monitor::show_ports(const Words& words) {
    const auto count = words.empty() ? Result<std::uint64_t>(default_exits) : number(words[0]);
    return count ? Result<std::string>(list_exits(target_.exits().last(*count, true)))
                 : count.error();
}

Result<std::string> Monitor::help(const Words&) {
    std::string text;
    for (const Command& command : commands()) {
        if (command.runs && !interrupter_.is_meant) {
            continue;
        }
        const std::string names = command.name == std::string_view(command.short_name)
                                      ? command.name
                                      : fmt::format("{}, {}", command.name, command.short_name);
        text += fmt::format("  {:<12} {:<20} {}\n", names, command.arguments, command.about);
    }
    return text +
           "Numbers are hexadecimal. ADDR is a linear address or SEG:OFF, of numbers, registers\n"
           "and symbols: 7c00, cs:ip, ds:si+10, 0:main. An empty line repeats step, next, disasm\n"
           "and dump; Ctrl-C stops a guest that runs.\n";
}

Result<std::string> Monitor::quit(const Words&) {
    has_quit_ = true;
    return std::string();
}

}  // namespace rmguest
