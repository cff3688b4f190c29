// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest inject: puts an event into a running guest.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "commands.hpp"
#include "lib/control_client.hpp"
#include "lib/exit_status.hpp"
#include "lib/injection.hpp"
#include "lib/number.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

constexpr const char* about =
    "Put an event into a guest that rmguest run runs: an interrupt (irq), an NMI, an INIT\n"
    "or a start-up IPI (sipi).";

constexpr const char* more_help =
    "A guest with --apic gets all of them through its local APIC. One without gets irq when it\n"
    "takes interrupts, nmi at once, and no init or sipi. HLT ends a run at once unless it was\n"
    "started with --halt wait or --apic.\n"
    "\n"
    "Examples:\n"
    "  sudo rmguest inject hello irq 0x21        interrupt 21h\n"
    "  sudo rmguest inject hello nmi\n"
    "  sudo rmguest inject smp sipi 8 --vcpu 1   starts vCPU 1 at 0800:0000";

struct InjectArguments {
    std::string name;
    std::string event;
    std::string vector;
    std::uint32_t vcpu = 0;
    bool json = false;
};

Result<Done> inject(const InjectArguments& arguments) {
    std::optional<std::uint64_t> vector;
    if (!arguments.vector.empty()) {
        const auto number = parse_size(arguments.vector);
        if (!number) {
            return Error{"the vector: " + number.error().what, number.error().advice};
        }
        vector = *number;
    }
    if (const auto checked = parse_injection(arguments.event, vector); !checked) {
        return checked.error();
    }
    nlohmann::ordered_json request{
        {"command", "inject"}, {"event", arguments.event}, {"vcpu", arguments.vcpu}};
    if (vector) {
        request["vector"] = *vector;
    }
    const auto answer = ask_guest(arguments.name, request);
    return answer ? Outcome(Done{}) : Outcome(answer.error());
}

int execute(const InjectArguments& arguments) {
    const auto done = inject(arguments);
    if (!done) {
        print_error(done.error());
        return static_cast<int>(ExitStatus::rmguest_failed);
    }
    if (arguments.json) {
        fmt::print("{{\"ok\":true}}\n");
    }
    return static_cast<int>(ExitStatus::success);
}

}  // namespace

Command add_inject_command(CLI::App& app) {
    auto arguments = std::make_shared<InjectArguments>();
    CLI::App* command = app.add_subcommand("inject", about);
    command->footer(more_help);
    command->option_defaults()->take_last();
    command->add_option("NAME", arguments->name, "the guest, see rmguest ps")->required();
    command->add_option("EVENT", arguments->event, "irq, nmi, init or sipi")->required();
    command->add_option("VECTOR", arguments->vector, "of irq and sipi: 0 to 0xff");
    command->add_option("--vcpu", arguments->vcpu, "the vCPU that gets it (default 0)")
        ->type_name("N");
    command->add_flag("--json", arguments->json, "print {\"ok\":true} when it was done");
    return {command, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
