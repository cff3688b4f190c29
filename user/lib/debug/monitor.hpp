// SPDX-License-Identifier: GPL-2.0-only
//
// The monitor of rmguest run --debug: one line in, what it has to say out. It knows no terminal, so
// that the GDB stub and the tests use it too.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "debug_target.hpp"
#include "expression.hpp"

namespace rmguest {

class Monitor {
public:
    using Words = std::vector<std::string>;

    // `interrupter` ends commands that let the guest run. Without one there are no such commands.
    Monitor(DebugTarget& target, Interrupter interrupter)
        : target_(target), interrupter_(std::move(interrupter)) {}

    // Whole lines. An error is in the line, or in what the guest or the device answers; nothing has
    // changed then. An empty line repeats the last command, where that makes sense.
    [[nodiscard]] Result<std::string> execute(std::string_view line);
    // What the user has not seen yet: where the guest is, or how it has ended.
    [[nodiscard]] std::string describe_stop(const DebugStop& stop);
    [[nodiscard]] bool has_quit() const { return has_quit_; }

    // For completion: what a line may begin with.
    [[nodiscard]] static std::vector<std::string> command_names();

private:
    struct Command;
    using Method = Result<std::string> (Monitor::*)(const Words&);
    static const std::vector<Command>& commands();
    [[nodiscard]] Result<const Command*> find_command(const std::string& name) const;

    // monitor_run.cpp
    Result<std::string> step(const Words& words);
    Result<std::string> next(const Words& words);
    Result<std::string> go(const Words& words);
    Result<std::string> until(const Words& words);
    Result<std::string> set_break(const Words& words);
    Result<std::string> watch(const Words& words);
    Result<std::string> watch_access(const Words& words);
    Result<std::string> watch_port(const Words& words);
    Result<std::string> remove(const Words& words);
    Result<std::string> list_breaks(const Words& words);
    // monitor_memory.cpp
    Result<std::string> disassemble_some(const Words& words);
    Result<std::string> dump(const Words& words);
    Result<std::string> search(const Words& words);
    Result<std::string> edit(const Words& words);
    Result<std::string> show_stack(const Words& words);
    // monitor_state.cpp
    Result<std::string> show_registers(const Words& words);
    Result<std::string> set_register(const Words& words);
    Result<std::string> choose_vcpu(const Words& words);
    Result<std::string> show_exits(const Words& words);
    Result<std::string> show_ports(const Words& words);
    Result<std::string> help(const Words& words);
    Result<std::string> quit(const Words& words);

    [[nodiscard]] Result<DebugStop> run_all();
    [[nodiscard]] Result<DebugStop> step_one();
    [[nodiscard]] Result<DebugStop> run_to(std::uint64_t address);
    [[nodiscard]] Result<DebugStop> step_over();
    [[nodiscard]] Result<std::string> repeat(std::uint64_t count,
                                             Result<DebugStop> (Monitor::*once)());
    Result<std::string> add_breakpoint(const Breakpoint& point);
    Result<std::string> add_watchpoint(const Words& words, BreakKind kind);
    [[nodiscard]] std::string show_change(const VcpuState& before, const DebugStop& stop);
    [[nodiscard]] std::string show_place();
    [[nodiscard]] std::string show_instruction(const VcpuState& state, std::uint64_t linear,
                                               std::size_t& length);
    [[nodiscard]] Result<std::uint64_t> number(const std::string& word);
    [[nodiscard]] Result<std::uint64_t> address(const std::string& word);
    [[nodiscard]] Outcome check_running() const;
    [[nodiscard]] std::string describe_end();

    DebugTarget& target_;
    Interrupter interrupter_;
    std::uint32_t vcpu_ = 0;
    std::string last_line_;
    std::optional<std::uint64_t> next_code_;  // where disasm and dump go on
    std::optional<std::uint64_t> next_data_;
    bool has_quit_ = false;
};

struct Monitor::Command {
    const char* name;
    const char* short_name;
    const char* arguments;
    const char* about;
    Method method;
    std::size_t fewest;  // words after the name
    std::size_t most;
    bool runs;     // lets the guest run
    bool repeats;  // by an empty line, without its words if it goes on where it ended
};

}  // namespace rmguest
