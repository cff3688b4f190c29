// SPDX-License-Identifier: GPL-2.0-only
// INIT and start-up IPIs: what a vCPU does about them in each of its states (SDM: MP Initialization
// Protocol; Interrupt Command Register). Pure.
//
// Waiting for a start-up IPI is a state of root's, never the activity state of that name: there the
// CPU would hold up SMIs, and lose start-up IPIs whenever it is not there.
#pragma once

#include <optional>

#include "rm_guest/apic/inbox.hpp"

namespace rmv::apic {

// Values as KVM_MP_STATE_*.
enum class MpState : u32 {
    runnable = 0,
    uninitialized = 1,  // an AP since power-up: waits for an INIT
    init_received = 2,  // waits for a start-up IPI
    halted = 3,
};

struct Start {
    MpState state;
    bool reset;                      // registers as after INIT
    std::optional<u8> startup_page;  // then CS:IP = page * 100h : 0
    bool nmi;                        // pending from now on

    friend constexpr bool operator==(const Start&, const Start&) = default;
};

// The bootstrap processor starts over after an INIT, at the reset vector; every other one waits for
// a start-up IPI. A start-up IPI to a CPU that does not wait for one is dropped. An NMI is held
// until the CPU runs; one from before the INIT is gone.
[[nodiscard]] constexpr Start accept(MpState state, const Arrived& arrived,
                                     bool bootstrap) noexcept {
    Start start{
        .state = state, .reset = arrived.init, .startup_page = std::nullopt, .nmi = arrived.nmi};
    if (arrived.init) start.state = bootstrap ? MpState::runnable : MpState::init_received;
    if (arrived.startup && start.state == MpState::init_received) {
        start.startup_page = arrived.startup_vector;
        start.state = MpState::runnable;
    }
    return start;
}

[[nodiscard]] constexpr bool waits_for_startup(MpState state) noexcept {
    return state == MpState::uninitialized || state == MpState::init_received;
}

}  // namespace rmv::apic
