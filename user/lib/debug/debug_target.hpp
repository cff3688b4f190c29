// SPDX-License-Identifier: GPL-2.0-only
//
// A guest as a debugger sees it. Whoever talks to the user (the monitor, the GDB stub) works on
// this; the guest itself, or a made-up one in a test, is behind it.
#pragma once

#include <linux/kvm.h>

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "breakpoints.hpp"
#include "debug_stop.hpp"
#include "exit_log.hpp"
#include "lib/error.hpp"
#include "lib/guest_bus.hpp"
#include "lib/run_result.hpp"
#include "lib/symbols.hpp"
#include "lib/vcpu_state.hpp"

namespace rmguest {

enum class RunMode { hold, run, step };

// What may end a run from the user's side: when the descriptor is readable, it is asked.
struct Interrupter {
    int descriptor = -1;
    std::function<bool()> is_meant = {};
};

// All vCPUs are stopped, but inside of run().
class DebugTarget {
public:
    virtual ~DebugTarget() = default;

    [[nodiscard]] virtual std::uint32_t vcpu_count() const = 0;
    [[nodiscard]] virtual Result<VcpuState> state(std::uint32_t vcpu) = 0;
    [[nodiscard]] virtual Outcome set_state(std::uint32_t vcpu, const VcpuState& state) = 0;
    [[nodiscard]] virtual Result<kvm_fpu> fpu(std::uint32_t vcpu) = 0;
    [[nodiscard]] virtual Outcome set_fpu(std::uint32_t vcpu, const kvm_fpu& fpu) = 0;
    // Memory alone is looked at: no device sees the debugger.
    [[nodiscard]] virtual GuestBus& bus() = 0;

    // Both are in force from the next run() on.
    [[nodiscard]] virtual Breakpoints& breakpoints() = 0;
    [[nodiscard]] virtual std::set<std::uint16_t>& watched_ports() = 0;

    // Runs the vCPUs, each as its mode says, until one of them has a reason to stop; then all are
    // stopped. An error: the device can't do it, and nothing has run.
    [[nodiscard]] virtual Result<DebugStop> run(const std::vector<RunMode>& modes,
                                                const Interrupter& interrupter) = 0;
    // How the guest has ended; nothing while it can go on.
    [[nodiscard]] virtual std::optional<RunResult> end() const = 0;
    // What the user is to be told of an end by failure, and its registers' owner.
    [[nodiscard]] virtual Error why_ended() const = 0;

    [[nodiscard]] virtual const ExitLog& exits() const = 0;
    [[nodiscard]] virtual const SymbolTable& symbols() const = 0;
};

}  // namespace rmguest
