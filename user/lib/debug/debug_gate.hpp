// SPDX-License-Identifier: GPL-2.0-only
//
// Where the threads of the vCPUs and the debugger meet: a vCPU that may not run waits here, and
// says here why it has stopped.
#pragma once

#include <linux/kvm.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "debug_stop.hpp"
#include "debug_target.hpp"
#include "exit_log.hpp"
#include "lib/file_descriptor.hpp"

namespace rmguest {

// What a vCPU knows of its stop.
struct RawStop {
    StopCause cause;
    std::uint32_t vcpu;
    std::uint64_t dr6 = 0;
    std::optional<GuestExit> access = {};
};

class DebugGate {
public:
    // No vCPU may run at first.
    explicit DebugGate(std::size_t vcpus);

    // ---- for the thread of a vCPU
    [[nodiscard]] RunMode mode(std::uint32_t vcpu) const;
    // Waits until it may run. Returns too when `has_ended` says so, which is asked now and then.
    void park(std::uint32_t vcpu, const std::function<bool()>& has_ended);
    // An exit that has been handled; may be a reason to stop.
    void note(std::uint32_t vcpu, const kvm_run& page);
    // An instruction was done outside of the guest.
    void finish_step(std::uint32_t vcpu);
    // Whether the debugger has sent a vCPU elsewhere since the last call.
    [[nodiscard]] bool take_moved(std::uint32_t vcpu);

    // ---- for the debugger
    // Readable when there is a stop.
    [[nodiscard]] int descriptor() const { return event_.get(); }
    void let(const std::vector<RunMode>& modes);
    void hold_all();
    [[nodiscard]] bool is_parked(std::uint32_t vcpu) const;
    // The oldest stop.
    [[nodiscard]] std::optional<RawStop> take_stop();
    // A step that was done when something else had stopped the guest already.
    void forget_steps();
    void set_moved(std::uint32_t vcpu);
    // Looked at by the vCPUs' threads: not while they run.
    [[nodiscard]] std::set<std::uint16_t>& watched_ports() { return watched_ports_; }
    [[nodiscard]] const ExitLog& exits() const { return exits_; }

private:
    struct Place {
        RunMode mode = RunMode::hold;
        bool is_stepping = false;  // when it was let, or since
        bool is_parked = false;
        bool was_moved = false;
    };

    void report(RawStop stop);
    void note_debug(std::uint32_t vcpu, const kvm_debug_exit_arch& debug);

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Place> places_;
    std::deque<RawStop> stops_;
    std::set<std::uint16_t> watched_ports_;
    ExitLog exits_;
    FileDescriptor event_;
};

}  // namespace rmguest
