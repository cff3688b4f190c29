// SPDX-License-Identifier: GPL-2.0-only
#include "live_target.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>

#include "lib/emulator/fetch.hpp"
#include "lib/failure_report.hpp"

namespace rmguest {

LiveTarget::LiveTarget(const Machine& machine, GuestRun& guest, DebugGate& gate, GuestBus& bus,
                       const SymbolTable& symbols)
    : machine_(machine), guest_(guest), gate_(gate), bus_(bus), symbols_(symbols) {}

std::uint32_t LiveTarget::vcpu_count() const {
    return static_cast<std::uint32_t>(machine_.vcpus().size());
}

const Vcpu& LiveTarget::vcpu(std::uint32_t number) const { return *machine_.vcpus()[number]; }

Result<VcpuState> LiveTarget::state(std::uint32_t number) {
    guest_.settle();
    return vcpu(number).state();
}

Outcome LiveTarget::set_state(std::uint32_t number, const VcpuState& state) {
    const auto before = this->state(number);
    if (!before) {
        return before.error();
    }
    if (before->registers.rip != state.registers.rip ||
        before->system.cs.base != state.system.cs.base) {
        gate_.set_moved(number);
    }
    return vcpu(number).set_state(state);
}

Result<kvm_fpu> LiveTarget::fpu(std::uint32_t number) {
    guest_.settle();
    kvm_fpu fpu{};
    if (::ioctl(vcpu(number).descriptor(), KVM_GET_FPU, &fpu) != 0) {
        return system_error("cannot read the vCPU's FPU", errno);
    }
    return fpu;
}

Outcome LiveTarget::set_fpu(std::uint32_t number, const kvm_fpu& fpu) {
    guest_.settle();
    if (::ioctl(vcpu(number).descriptor(), KVM_SET_FPU, &fpu) != 0) {
        return system_error("cannot set the vCPU's FPU", errno);
    }
    return Done{};
}

std::optional<RunResult> LiveTarget::end() const {
    return guest_.has_ended() ? std::optional{guest_.result()} : std::nullopt;
}

Error LiveTarget::why_ended() const {
    const RunResult result = guest_.result();
    return result.error ? *result.error
                        : explain_failure(result.end, vcpu(result.vcpu).run_page(),
                                          machine_.device().is_rmvisor);
}

Outcome LiveTarget::arm(std::uint32_t number, RunMode mode,
                        std::optional<std::uint64_t> except) const {
    kvm_guest_debug debug{};
    breakpoints_.fill(debug, except);
    if (mode == RunMode::step) {
        debug.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
    }
    if (::ioctl(vcpu(number).descriptor(), KVM_SET_GUEST_DEBUG, &debug) != 0) {
        return system_error("the device can't debug the guest (KVM_SET_GUEST_DEBUG)", errno,
                            "this needs a module of the same build as rmguest, or /dev/kvm");
    }
    return Done{};
}

Result<DebugStop> LiveTarget::run(const std::vector<RunMode>& modes,
                                  const Interrupter& interrupter) {
    gate_.forget_steps();
    // What a vCPU met when another one had stopped the guest already.
    while (const auto waiting = gate_.take_stop()) {
        const auto stop = understand(*waiting);
        if (!stop) {
            return stop.error();
        }
        if (*stop) {
            return **stop;
        }
    }
    const auto first = step_off_breakpoints(modes, interrupter);
    if (!first) {
        return first.error();
    }
    if (*first) {
        return **first;
    }
    return run_once(modes, interrupter);
}

// A breakpoint at the very instruction to go on with would stop there again.
Result<std::optional<DebugStop>> LiveTarget::step_off_breakpoints(const std::vector<RunMode>& modes,
                                                                  const Interrupter& interrupter) {
    for (std::uint32_t number = 0; number < vcpu_count(); ++number) {
        const auto now = state(number);
        if (!now) {
            return now.error();
        }
        if (modes[number] != RunMode::run ||
            !breakpoints_.stops_at(code_address(*now, now->registers.rip))) {
            continue;
        }
        std::vector<RunMode> one(modes.size(), RunMode::hold);
        one[number] = RunMode::step;
        const auto stop = run_once(one, interrupter);
        if (!stop) {
            return stop.error();
        }
        if (stop->cause != StopCause::step) {
            return std::optional{*stop};
        }
        const auto after = state(number);
        if (!after) {
            return after.error();
        }
        const std::uint64_t address = code_address(*after, after->registers.rip);
        for (const Breakpoints::Entry& entry : breakpoints_.entries()) {
            if (entry.point == Breakpoint{BreakKind::execute, address}) {
                return std::optional{
                    DebugStop{.cause = StopCause::breakpoint, .vcpu = number, .breakpoint = entry}};
            }
        }
    }
    return std::optional<DebugStop>{};
}

Result<DebugStop> LiveTarget::run_once(const std::vector<RunMode>& modes,
                                       const Interrupter& interrupter) {
    for (;;) {
        for (std::uint32_t number = 0; number < vcpu_count(); ++number) {
            const auto now = state(number);
            if (!now) {
                return now.error();
            }
            const std::optional<std::uint64_t> here =
                modes[number] == RunMode::step
                    ? std::optional{code_address(*now, now->registers.rip)}
                    : std::nullopt;
            if (const auto armed = arm(number, modes[number], here); !armed) {
                return armed.error();
            }
        }
        gate_.let(modes);
        const auto stop = understand(wait_for_stop(interrupter));
        if (!stop) {
            return stop.error();
        }
        if (*stop) {
            return **stop;
        }
    }
}

RawStop LiveTarget::wait_for_stop(const Interrupter& interrupter) {
    std::optional<RawStop> stop;
    while (!stop && !guest_.has_ended()) {
        const int ready = guest_.wait_for({gate_.descriptor(), interrupter.descriptor});
        if (ready == gate_.descriptor()) {
            stop = gate_.take_stop();
        } else if (ready >= 0 && interrupter.is_meant()) {
            stop = RawStop{.cause = StopCause::request, .vcpu = 0};
        }
    }
    hold();
    // What ended the run may have come on the way to the stop.
    return guest_.has_ended() ? RawStop{.cause = StopCause::ended, .vcpu = guest_.result().vcpu}
                              : *stop;
}

void LiveTarget::hold() {
    gate_.hold_all();
    guest_.settle();
}

// Nothing: the stop was the guest's own business.
Result<std::optional<DebugStop>> LiveTarget::understand(const RawStop& raw) {
    DebugStop stop{.cause = raw.cause, .vcpu = raw.vcpu, .access = raw.access};
    if (raw.cause == StopCause::breakpoint) {
        stop.breakpoint = breakpoints_.find_hit(raw.dr6);
        if (!stop.breakpoint) {
            if (const auto given = give_exception_back(raw); !given) {
                return given.error();
            }
            return std::optional<DebugStop>{};
        }
    }
    return std::optional{stop};
}

// A #DB that the guest has made itself: by TF, INT1, or a register of its own.
Outcome LiveTarget::give_exception_back(const RawStop& raw) {
    constexpr std::uint64_t breakpoint_bits = 0xf;
    if ((raw.dr6 & breakpoint_bits) != 0) {
        return Done{};  // of a breakpoint that has been deleted since
    }
    kvm_debugregs registers{};
    const int descriptor = vcpu(raw.vcpu).descriptor();
    if (::ioctl(descriptor, KVM_GET_DEBUGREGS, &registers) == 0) {
        registers.dr6 = raw.dr6;
        (void)::ioctl(descriptor, KVM_SET_DEBUGREGS, &registers);
    }
    kvm_guest_debug debug{};
    debug.control = KVM_GUESTDBG_INJECT_DB;
    if (::ioctl(descriptor, KVM_SET_GUEST_DEBUG, &debug) != 0) {
        return system_error("the guest's own debug exception can't be given back to it", errno);
    }
    return Done{};
}

Outcome LiveTarget::detach() {
    breakpoints_.clear();
    gate_.watched_ports().clear();
    for (std::uint32_t number = 0; number < vcpu_count(); ++number) {
        if (const auto armed = arm(number, RunMode::run, {}); !armed) {
            return armed;
        }
    }
    gate_.let(std::vector<RunMode>(vcpu_count(), RunMode::run));
    return Done{};
}

Outcome check_can_debug(const Device& device) {
    if (::ioctl(device.descriptor.get(), KVM_CHECK_EXTENSION, KVM_CAP_SET_GUEST_DEBUG) > 0) {
        return Done{};
    }
    return Error{fmt::format("{} can't debug a guest (no KVM_CAP_SET_GUEST_DEBUG)", device.path),
                 device.is_rmvisor ? "use the rmguest and the module of one build"
                                   : "this host's KVM lacks it; use another device"};
}

}  // namespace rmguest
