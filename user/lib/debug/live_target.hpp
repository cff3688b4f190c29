// SPDX-License-Identifier: GPL-2.0-only
//
// The guest of a run, for a debugger.
#pragma once

#include "debug_gate.hpp"
#include "debug_target.hpp"
#include "lib/machine.hpp"
#include "lib/run_guest.hpp"

namespace rmguest {

// Used by the debugger's thread alone, from within GuestRun::run().
class LiveTarget final : public DebugTarget {
public:
    LiveTarget(const Machine& machine, GuestRun& guest, DebugGate& gate, GuestBus& bus,
               const SymbolTable& symbols);

    [[nodiscard]] std::uint32_t vcpu_count() const override;
    [[nodiscard]] Result<VcpuState> state(std::uint32_t vcpu) override;
    [[nodiscard]] Outcome set_state(std::uint32_t vcpu, const VcpuState& state) override;
    [[nodiscard]] Result<kvm_fpu> fpu(std::uint32_t vcpu) override;
    [[nodiscard]] Outcome set_fpu(std::uint32_t vcpu, const kvm_fpu& fpu) override;
    [[nodiscard]] GuestBus& bus() override { return bus_; }
    [[nodiscard]] Breakpoints& breakpoints() override { return breakpoints_; }
    [[nodiscard]] std::set<std::uint16_t>& watched_ports() override {
        return gate_.watched_ports();
    }
    [[nodiscard]] Result<DebugStop> run(const std::vector<RunMode>& modes,
                                        const Interrupter& interrupter) override;
    [[nodiscard]] std::optional<RunResult> end() const override;
    [[nodiscard]] Error why_ended() const override;
    [[nodiscard]] const ExitLog& exits() const override { return gate_.exits(); }
    [[nodiscard]] const SymbolTable& symbols() const override { return symbols_; }

    // Stops all vCPUs.
    void hold();
    // Lets all vCPUs run on without breakpoints, as if there were no debugger.
    [[nodiscard]] Outcome detach();

private:
    [[nodiscard]] const Vcpu& vcpu(std::uint32_t number) const;
    [[nodiscard]] Outcome arm(std::uint32_t vcpu, RunMode mode,
                              std::optional<std::uint64_t> except) const;
    [[nodiscard]] Result<std::optional<DebugStop>> step_off_breakpoints(
        const std::vector<RunMode>& modes, const Interrupter& interrupter);
    [[nodiscard]] Result<DebugStop> run_once(const std::vector<RunMode>& modes,
                                             const Interrupter& interrupter);
    [[nodiscard]] RawStop wait_for_stop(const Interrupter& interrupter);
    [[nodiscard]] Result<std::optional<DebugStop>> understand(const RawStop& raw);
    [[nodiscard]] Outcome give_exception_back(const RawStop& raw);

    const Machine& machine_;
    GuestRun& guest_;
    DebugGate& gate_;
    GuestBus& bus_;
    const SymbolTable& symbols_;
    Breakpoints breakpoints_;
};

// Whether the device can debug a guest.
[[nodiscard]] Outcome check_can_debug(const Device& device);

}  // namespace rmguest
