// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest run: one guest from its start to its end.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>

#include "commands.hpp"
#include "debug_console.hpp"
#include "lib/control_server.hpp"
#include "lib/debug/live_target.hpp"
#include "lib/exit_status.hpp"
#include "lib/gdb/server.hpp"
#include "lib/module_stats.hpp"
#include "lib/run_guest.hpp"
#include "lib/trace_collector.hpp"
#include "lib/tsc.hpp"
#include "lib/write_all.hpp"
#include "message.hpp"
#include "run_meter.hpp"
#include "run_options.hpp"
#include "run_report.hpp"

namespace rmguest {
namespace {

constexpr const char* about =
    "Run a real-mode guest: a flat binary or a 16-bit ELF executable.\n"
    "What the guest prints goes to stdout, all else to stderr.";

constexpr const char* more_help =
    "The guest ends by a write to port F4h, or by HLT (status 0).\n"
    "\n"
    "Exit status:\n"
    "  0..255  what the guest wrote to port F4h\n"
    "  124     --timeout ran out\n"
    "  125     rmguest failed: bad arguments, image or device\n"
    "  126     the guest failed: triple fault, or a state that can't be run\n"
    "  128+N   signal N ended the run: 130 Ctrl-C, 143 SIGTERM\n"
    "\n"
    "Examples:\n"
    "  sudo rmguest run hello.bin                        loaded at 0x7c00, like a boot sector\n"
    "  sudo rmguest run --load 0x10000 --entry 1000:0 code.bin\n"
    "  sudo rmguest run --cpu 3 --timeout 10 --trace exits.rmt test.elf\n"
    "  rmguest run --device /dev/kvm --entry start test.elf\n"
    "  sudo rmguest run --debug boot.bin                 then: step, break 7c20, continue, help\n"
    "  sudo rmguest run --gdb 1234 boot.bin              then, in gdb: target remote :1234";

// The trace file is opened before a CPU is taken, so that a bad name changes nothing.
Result<FileDescriptor> open_trace_file(const RunArguments& arguments, const Device& device) {
    if (arguments.trace.empty()) {
        return FileDescriptor();
    }
    if (!device.is_rmvisor) {
        return Error{fmt::format("{} has no exit trace", device.path),
                     "--trace needs the rmvisor module; leave it away with other devices"};
    }
    if (const auto cpus = traced_cpus(arguments.debugfs); !cpus) {
        return cpus.error();
    }
    FileDescriptor file(
        ::open(arguments.trace.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file) {
        return system_error(fmt::format("cannot write {}", arguments.trace), errno);
    }
    return file;
}

// Standard error, unless --mmio-log names a file. Nothing without --mmio.
Result<FileDescriptor> open_mmio_log(const RunArguments& arguments, const RunPlan& plan) {
    if (plan.mmio.empty()) {
        return FileDescriptor();
    }
    const std::string& path = arguments.mmio_log;
    FileDescriptor file(path.empty()
                            ? ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
                            : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file) {
        return system_error(fmt::format("cannot write {}", path.empty() ? "to stderr" : path),
                            errno);
    }
    return file;
}

Outcome check_cpu_choice(const RunArguments& arguments, const Device& device) {
    if ((arguments.cpu || !arguments.cpus.empty()) && !device.is_rmvisor) {
        return Error{fmt::format("{} gives no CPU to a guest, so --cpu and --cpus can't be used",
                                 device.path),
                     "leave them away (taskset(1) binds the process), or use /dev/rmvisor; "
                     "--vcpus says how many"};
    }
    return Done{};
}

Result<std::unique_ptr<TraceCollector>> start_trace(const RunArguments& arguments,
                                                    const Machine& machine) {
    if (arguments.trace.empty()) {
        return std::unique_ptr<TraceCollector>{};
    }
    std::vector<TraceReader> readers;
    std::uint32_t vm = 0;
    for (const auto& vcpu : machine.vcpus()) {
        const auto info = vcpu->info();
        if (!info) {
            return Error{"the device does not say which CPU the guest has", "see dmesg"};
        }
        auto reader = TraceReader::open(arguments.debugfs, info->cpu);
        if (!reader) {
            return reader.error();
        }
        readers.push_back(*std::move(reader));
        vm = info->vm_id;
    }
    auto collector =
        std::make_unique<TraceCollector>(std::move(readers), static_cast<std::uint16_t>(vm));
    collector->start();
    return collector;
}

// Everything from the device to the guest's first instruction.
struct Session {
    Machine machine;
    FileDescriptor trace_file;
    FileDescriptor mmio_log;
    std::optional<ControlServer> server;
    std::optional<GdbServer> gdb;
};

Outcome finish_trace(TraceCollector& collector, const Session& session, const Image& image) {
    const Machine& machine = session.machine;
    auto trace = collector.finish(machine.memory());
    if (!trace) {
        return trace.error();
    }
    trace->tsc_khz = measure_tsc_khz();
    trace->symbols.guest = symbols_of(image);
    const rmvisor_vcpu_info info = machine.vcpus().front()->info().value_or(rmvisor_vcpu_info{});
    if (session.server) {
        trace->symbols.names[info.vm_id] = session.server->name();
    }
    const auto bytes = encode_trace(*trace, info.cpu, info.vm_id);
    return write_all(session.trace_file.get(),
                     {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, nullptr);
}

// A guest that nobody asked to have a name runs without a socket where none can be made.
Result<std::optional<ControlServer>> open_server(const RunArguments& arguments) {
    auto server = ControlServer::create(arguments.name, arguments.image);
    if (server) {
        return std::optional{*std::move(server)};
    }
    if (!arguments.name.empty()) {
        return server.error();
    }
    print_note(fmt::format("no control socket: {}", server.error().what));
    return std::optional<ControlServer>{};
}

Result<std::optional<GdbServer>> open_gdb(const RunPlan& plan) {
    if (!plan.gdb) {
        return std::optional<GdbServer>{};
    }
    auto server = GdbServer::listen(*plan.gdb);
    return server ? Result<std::optional<GdbServer>>(*std::move(server)) : server.error();
}

// What does not fit the device is refused before anything is made of it.
Outcome check_device(const RunArguments& arguments, const RunPlan& plan, const Device& device) {
    if (const auto checked = check_cpu_choice(arguments, device); !checked) {
        return checked;
    }
    return plan.is_debugged() ? check_can_debug(device) : Outcome(Done{});
}

Result<Session> open_session(const RunArguments& arguments, const RunPlan& plan) {
    auto device = open_device(arguments.device);
    if (!device) {
        return device.error();
    }
    if (const auto checked = check_device(arguments, plan, *device); !checked) {
        return checked.error();
    }
    auto gdb = open_gdb(plan);
    if (!gdb) {
        return gdb.error();
    }
    auto trace_file = open_trace_file(arguments, *device);
    if (!trace_file) {
        return trace_file.error();
    }
    auto mmio_log = open_mmio_log(arguments, plan);
    if (!mmio_log) {
        return mmio_log.error();
    }
    auto machine = Machine::create(*std::move(device), plan.memory_size, plan.mmio);
    if (!machine) {
        return machine.error();
    }
    if (plan.has_apic) {
        if (const auto created = machine->create_apics(); !created) {
            return created.error();
        }
    }
    for (const PortRange& range : plan.ports) {
        if (const auto passed = machine->pass_ports(range); !passed) {
            return passed.error();
        }
    }
    auto server = open_server(arguments);
    if (!server) {
        return server.error();
    }
    if (*server) {
        if (const auto named = machine->set_name((*server)->name()); !named) {
            return named.error();
        }
    }
    place_image(plan.image, machine->memory());
    return Session{*std::move(machine), *std::move(trace_file), *std::move(mmio_log),
                   *std::move(server), *std::move(gdb)};
}

// Takes the CPUs. The first vCPU starts at the entry; the others wait for it to start them.
Outcome create_vcpus(Machine& machine, const RunPlan& plan, const StopRequest& stop) {
    for (const std::optional<std::uint32_t> cpu : plan.cpus) {
        if (const auto created = machine.create_vcpu(cpu); !created) {
            return created;
        }
        if (stop.signal() != 0) {
            break;
        }
    }
    return machine.vcpus().front()->set_entry(plan.entry);
}

std::optional<std::uint64_t> guest_exits_so_far(const std::string& debugfs, std::uint32_t cpu) {
    const auto stats = read_stats_of(debugfs, cpu);
    return stats ? std::optional{count_guest_exits(*stats, cpu)} : std::nullopt;
}

GuestFacts facts_of(const RunArguments& arguments, const RunPlan& plan, const Machine& machine) {
    GuestFacts facts{
        arguments.image, machine.device().path, machine.memory().size(), {}, plan.timeout, {}};
    for (const auto& vcpu : machine.vcpus()) {
        if (const auto info = vcpu->info()) {
            facts.cpus.push_back({info->cpu, guest_exits_so_far(arguments.debugfs, info->cpu)});
            facts.vm = info->vm_id;
        }
    }
    return facts;
}

// What works on the guest while it runs, and whether its user's commands were good.
std::function<void()> debugger_of(Session& session, RunReport& report, LiveTarget& target,
                                  GuestRun& run, bool& is_good) {
    if (session.gdb) {
        return [&] { session.gdb->serve(target, run, print_note); };
    }
    return [&] {
        DebugConsole console([&report] { report.end_line(); });
        is_good = console.work(target, run);
    };
}

RunResult run_machine(Session& session, const RunPlan& plan, bool keeps_output, RunReport& report,
                      const StopRequest& stop) {
    const RunPolicy policy{.has_apic = plan.has_apic, .waits_in_halt = plan.waits_in_halt};
    const GuestRun* running = nullptr;
    PhysicalSpace space(session.machine.memory(), plan.mmio, [&](std::string_view line) {
        // A log that can't be written any more does not end the guest.
        (void)write_all(session.mmio_log.get(), line, [&] { return running->has_ended(); });
    });
    DebugGate gate(session.machine.vcpus().size());
    GuestRun run(
        session.machine, report.ports(), space, stop, policy,
        [&](std::string_view text) {
            return keeps_output ? report.keep_output(text)
                                : report.pass_output(text, [&] { return running->has_ended(); });
        },
        plan.is_debugged() ? &gate : nullptr);
    running = &run;
    ControlServer* server = session.server ? &*session.server : nullptr;
    if (!plan.is_debugged()) {
        return run.run(server);
    }
    const SymbolTable symbols = symbols_of(plan.image);
    LiveTarget target(session.machine, run, gate, space, symbols);
    bool is_good = true;
    RunResult result = run.run(server, debugger_of(session, report, target, run, is_good));
    if (!is_good) {
        result.status = static_cast<int>(ExitStatus::rmguest_failed);
    }
    return result;
}

Result<RunResult> run_session(Session& session, const RunArguments& arguments, const RunPlan& plan,
                              RunReport& report) {
    StopRequest stop;
    Machine& machine = session.machine;
    if (const auto created = create_vcpus(machine, plan, stop); !created && stop.signal() == 0) {
        return created.error();
    } else if (!created) {
        return RunResult{.end = RunEnd::signalled,
                         .status = static_cast<int>(ExitStatus::signal_base) + stop.signal()};
    }
    if (session.server) {
        session.server->set_facts(facts_of(arguments, plan, machine));
    }
    auto collector = start_trace(arguments, machine);
    if (!collector) {
        return collector.error();
    }
    const bool wants_costs = arguments.stats || arguments.verbose || arguments.json;
    const RunMeter meter(arguments.debugfs, machine, wants_costs);
    if (plan.timeout) {
        stop.set_timeout(*plan.timeout);
    }
    RunResult result = run_machine(session, plan, arguments.json, report, stop);
    if (wants_costs) {
        report.set_exits(meter.read());
    }
    if (*collector) {
        if (auto written = finish_trace(**collector, session, plan.image); !written) {
            return Error{fmt::format("{}: {}", arguments.trace, written.error().what),
                         written.error().advice};
        }
    }
    return result;
}

int fail(const Error& error) {
    print_error(error);
    return static_cast<int>(ExitStatus::rmguest_failed);
}

// Such a CPU comes back when it answers again, maybe never: nobody shall wait for it.
bool is_silent(const Result<RunResult>& result, std::size_t vcpu) {
    return result && result->end == RunEnd::cpu_silent && result->vcpu == vcpu;
}

// Runs the guest, and gives its CPUs back by closing the session.
Result<int> run_and_close(const RunArguments& arguments, const RunPlan& plan, RunReport& report,
                          std::vector<std::uint32_t>& cpus) {
    auto session = open_session(arguments, plan);
    if (!session) {
        return session.error();
    }
    const auto result = run_session(*session, arguments, plan, report);
    const auto& vcpus = session->machine.vcpus();
    for (std::size_t index = 0; index < vcpus.size(); ++index) {
        const auto info = vcpus[index]->info();
        if (info && !is_silent(result, index)) {
            cpus.push_back(info->cpu);
        }
    }
    if (!result) {
        return result.error();
    }
    report.print(*result, session->machine);
    return result->status;
}

int execute(const RunArguments& arguments) {
    const auto plan = plan_run(arguments);
    if (!plan) {
        return fail(plan.error());
    }
    RunReport report(arguments);
    std::vector<std::uint32_t> cpus;
    const auto status = run_and_close(arguments, *plan, report, cpus);
    report.print_given_back(cpus);
    return status ? *status : fail(status.error());
}

}  // namespace

Command add_run_command(CLI::App& app) {
    auto arguments = std::make_shared<RunArguments>();
    CLI::App* run = app.add_subcommand("run", about);
    run->footer(more_help);
    run->option_defaults()->take_last();  // of an option that is given twice
    run->add_option("IMAGE", arguments->image, "flat binary or ELF executable")->required();
    run->add_option("--load", arguments->load,
                    "where a flat binary is loaded (default 0x7c00); not for ELF")
        ->type_name("ADDR");
    run->add_option("--entry", arguments->entry,
                    "first instruction: SEG:OFF in hexadecimal, or a symbol of an ELF image "
                    "(default: the load address, or the ELF entry)")
        ->type_name("SEG:OFF|SYMBOL");
    run->add_option("--memory", arguments->memory,
                    "the guest's memory from address 0, 4K to 3G (default 1088K: 1 MiB and the "
                    "64 KiB above it)")
        ->type_name("SIZE");
    run->add_option("--cpu", arguments->cpu,
                    "Linux's number of the CPU to take (default: rmvisor picks one)")
        ->type_name("N");
    run->add_option("--cpus", arguments->cpus,
                    "the CPUs of a guest with several vCPUs, such as 2,3 or 4-7; implies --apic")
        ->type_name("LIST");
    run->add_option("--vcpus", arguments->vcpus, "so many vCPUs, on CPUs that rmvisor picks")
        ->type_name("N");
    run->add_flag("--apic", arguments->apic,
                  "give each vCPU a local APIC; a guest that halts waits then");
    run->add_option("--halt", arguments->halt,
                    "what HLT does: end the run (default), or wait for rmguest inject")
        ->type_name("end|wait");
    run->add_option("--name", arguments->name,
                    "what rmguest ps, inject and stop call it (default: after the image)")
        ->type_name("NAME");
    run->add_option("--timeout", arguments->timeout, "end the run after that many seconds")
        ->type_name("SEC");
    run->add_option("--device", arguments->device, "/dev/rmvisor (default) or /dev/kvm")
        ->type_name("PATH");
    run->add_option("--trace", arguments->trace,
                    "write the guest's VM exits to FILE, for rmguest trace FILE")
        ->type_name("FILE");
    run->add_option("--mmio", arguments->mmio,
                    "watch a range of physical addresses: it keeps what is written, and each "
                    "access is logged; can be given more than once")
        ->type_name("ADDR:SIZE[:NAME]")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
    run->add_option("--ports", arguments->ports,
                    "ports of the machine that the guest reaches by itself, without exits; OWNER "
                    "as in /proc/ioports: although that has them; can be given more than once")
        ->type_name("FIRST[:COUNT[:OWNER]]")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
    run->add_option("--mmio-log", arguments->mmio_log,
                    "where --mmio logs to (default: standard error)")
        ->type_name("FILE");
    run->add_option("--debugfs", arguments->debugfs,
                    "rmvisor's folder in debugfs (default /sys/kernel/debug/rmvisor)")
        ->type_name("DIR");
    run->add_flag("--debug", arguments->debug,
                  "stop at the first instruction, in a monitor: registers, disassembly, steps, "
                  "breakpoints, memory; reads a script from stdin too");
    run->add_option("--gdb", arguments->gdb,
                    "stop at the first instruction and wait for gdb there (127.0.0.1 unless HOST "
                    "says otherwise; port 0: any)")
        ->type_name("[HOST:]PORT");
    run->add_flag("--json", arguments->json,
                  "print one JSON object to stdout at the end; it holds the guest's output");
    run->add_flag("--stats", arguments->stats,
                  "print a summary to stderr: exits by reason, and ticks in guest and rmguest");
    run->add_flag("-v,--verbose", arguments->verbose, "the same, with the last POST code");
    return {run, [arguments] { return execute(*arguments); }};
}

}  // namespace rmguest
