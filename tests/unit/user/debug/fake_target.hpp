// SPDX-License-Identifier: GPL-2.0-only
//
// A guest whose instructions do nothing but follow each other, for tests of what debuggers say.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "lib/debug/debug_target.hpp"
#include "lib/emulator/fetch.hpp"
#include "lib/physical_space.hpp"

namespace rmguest {

class FakeTarget final : public DebugTarget {
public:
    static constexpr std::uint64_t start = 0x7c00;

    explicit FakeTarget(std::vector<std::uint8_t> code, std::uint32_t vcpus = 1)
        : memory_(0x10000), space_(memory_, {}), states_(vcpus), fpus_(vcpus) {
        std::ranges::copy(code, memory_.begin() + start);
        for (VcpuState& state : states_) {
            state.registers.rip = start;
            state.registers.rsp = 0x7000;
            state.registers.rflags = 2;
        }
    }

    [[nodiscard]] std::uint32_t vcpu_count() const override {
        return static_cast<std::uint32_t>(states_.size());
    }
    [[nodiscard]] Result<VcpuState> state(std::uint32_t vcpu) override { return states_[vcpu]; }
    [[nodiscard]] Outcome set_state(std::uint32_t vcpu, const VcpuState& state) override {
        states_[vcpu] = state;
        return Done{};
    }
    [[nodiscard]] Result<kvm_fpu> fpu(std::uint32_t vcpu) override { return fpus_[vcpu]; }
    [[nodiscard]] Outcome set_fpu(std::uint32_t vcpu, const kvm_fpu& fpu) override {
        fpus_[vcpu] = fpu;
        return Done{};
    }
    [[nodiscard]] GuestBus& bus() override { return space_; }
    [[nodiscard]] Breakpoints& breakpoints() override { return breakpoints_; }
    [[nodiscard]] std::set<std::uint16_t>& watched_ports() override { return ports_; }
    [[nodiscard]] std::optional<RunResult> end() const override { return end_; }
    [[nodiscard]] Error why_ended() const override { return {"it fell over", {}}; }
    [[nodiscard]] const ExitLog& exits() const override { return exits_; }
    [[nodiscard]] const SymbolTable& symbols() const override { return symbols_; }

    // HLT ends it; what is planned comes before anything runs.
    [[nodiscard]] Result<DebugStop> run(const std::vector<RunMode>& modes,
                                        const Interrupter& interrupter) override {
        runs.push_back(modes);
        if (!planned.empty()) {
            const DebugStop stop = planned.front();
            planned.pop_front();
            return stop;
        }
        const auto vcpu = static_cast<std::uint32_t>(
            std::ranges::find_if(modes, [](RunMode mode) { return mode != RunMode::hold; }) -
            modes.begin());
        for (;;) {
            VcpuState& state = states_[vcpu];
            const CodeBytes code = fetch(state, space_);
            const auto instruction = disassemble(code.span(), CodeSize::bits16, 0);
            if (!instruction || instruction->text == "hlt") {
                end_ = RunResult{.end = RunEnd::halted, .status = 0};
                return DebugStop{.cause = StopCause::ended, .vcpu = vcpu};
            }
            state.registers.rip += instruction->length;
            if (modes[vcpu] == RunMode::step) {
                return DebugStop{.cause = StopCause::step, .vcpu = vcpu};
            }
            for (const auto& entry : breakpoints_.entries()) {
                if (entry.point.address == state.registers.rip) {
                    return DebugStop{StopCause::breakpoint, vcpu, entry, {}};
                }
            }
            if (interrupter.is_meant && interrupter.is_meant()) {
                return DebugStop{.cause = StopCause::request};
            }
        }
    }

    [[nodiscard]] VcpuState& at(std::uint32_t vcpu) { return states_[vcpu]; }
    [[nodiscard]] std::vector<std::uint8_t>& memory() { return memory_; }
    void set_symbols(SymbolTable symbols) { symbols_ = std::move(symbols); }
    void set_end(RunResult end) { end_ = std::move(end); }
    [[nodiscard]] ExitLog& log() { return exits_; }

    std::vector<std::vector<RunMode>> runs;
    std::deque<DebugStop> planned;

private:
    std::vector<std::uint8_t> memory_;
    PhysicalSpace space_;
    std::vector<VcpuState> states_;
    std::vector<kvm_fpu> fpus_;
    Breakpoints breakpoints_;
    std::set<std::uint16_t> ports_;
    std::optional<RunResult> end_;
    ExitLog exits_;
    SymbolTable symbols_;
};

}  // namespace rmguest
