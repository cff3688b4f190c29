// SPDX-License-Identifier: GPL-2.0-only
#include "debug_gate.hpp"

#include <sys/eventfd.h>

#include <chrono>
#include <utility>

namespace rmguest {
namespace {

using namespace std::chrono_literals;

// DR6 (SDM: Debug Status Register).
constexpr std::uint64_t dr6_breakpoints = 0xf;
constexpr std::uint32_t debug_vector = 1;

bool touches(const PortAccess& access, const std::set<std::uint16_t>& ports) {
    const auto first = ports.lower_bound(access.port);
    return first != ports.end() && *first < access.port + access.size;
}

}  // namespace

DebugGate::DebugGate(std::size_t vcpus)
    : places_(vcpus), event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

RunMode DebugGate::mode(std::uint32_t vcpu) const {
    const std::lock_guard lock(mutex_);
    return places_[vcpu].mode;
}

void DebugGate::park(std::uint32_t vcpu, const std::function<bool()>& has_ended) {
    std::unique_lock lock(mutex_);
    Place& place = places_[vcpu];
    while (place.mode == RunMode::hold) {
        place.is_parked = true;
        lock.unlock();
        const bool is_over = has_ended();
        lock.lock();
        if (is_over) {
            break;
        }
        wake_.wait_for(lock, 50ms, [&place] { return place.mode != RunMode::hold; });
    }
    place.is_parked = false;
}

void DebugGate::note(std::uint32_t vcpu, const kvm_run& page) {
    GuestExit exit{.vcpu = vcpu, .reason = page.exit_reason};
    if (page.exit_reason == KVM_EXIT_IO) {
        exit.port = port_access(page);
    }
    exit = exits_.add(exit);
    if (exit.port && touches(*exit.port, watched_ports_)) {
        report({.cause = StopCause::port, .vcpu = vcpu, .access = exit});
    }
    if (page.exit_reason == KVM_EXIT_DEBUG) {
        note_debug(vcpu, page.debug.arch);
    }
}

void DebugGate::note_debug(std::uint32_t vcpu, const kvm_debug_exit_arch& debug) {
    bool is_stepping = false;
    {
        const std::lock_guard lock(mutex_);
        is_stepping = places_[vcpu].is_stepping;
    }
    const bool is_step =
        is_stepping && debug.exception == debug_vector && (debug.dr6 & dr6_breakpoints) == 0;
    report({.cause = is_step ? StopCause::step : StopCause::breakpoint,
            .vcpu = vcpu,
            .dr6 = debug.dr6});
}

void DebugGate::finish_step(std::uint32_t vcpu) {
    if (mode(vcpu) == RunMode::step) {
        report({.cause = StopCause::step, .vcpu = vcpu});
    }
}

void DebugGate::report(RawStop stop) {
    const std::lock_guard lock(mutex_);
    stops_.push_back(stop);
    for (Place& place : places_) {
        place.mode = RunMode::hold;
    }
    wake_.notify_all();
    (void)::eventfd_write(event_.get(), 1);
}

bool DebugGate::take_moved(std::uint32_t vcpu) {
    const std::lock_guard lock(mutex_);
    return std::exchange(places_[vcpu].was_moved, false);
}

void DebugGate::let(const std::vector<RunMode>& modes) {
    const std::lock_guard lock(mutex_);
    for (std::size_t vcpu = 0; vcpu < places_.size(); ++vcpu) {
        places_[vcpu].mode = modes[vcpu];
        places_[vcpu].is_stepping = modes[vcpu] == RunMode::step;
        // It is on its way from here on, whether its thread has noticed or not.
        places_[vcpu].is_parked = modes[vcpu] == RunMode::hold;
    }
    wake_.notify_all();
}

void DebugGate::hold_all() {
    const std::lock_guard lock(mutex_);
    for (Place& place : places_) {
        place.mode = RunMode::hold;
    }
    wake_.notify_all();
}

bool DebugGate::is_parked(std::uint32_t vcpu) const {
    const std::lock_guard lock(mutex_);
    return places_[vcpu].is_parked;
}

std::optional<RawStop> DebugGate::take_stop() {
    const std::lock_guard lock(mutex_);
    eventfd_t ignored = 0;
    (void)::eventfd_read(event_.get(), &ignored);
    if (stops_.empty()) {
        return std::nullopt;
    }
    const RawStop stop = stops_.front();
    stops_.pop_front();
    return stop;
}

void DebugGate::forget_steps() {
    const std::lock_guard lock(mutex_);
    std::erase_if(stops_, [](const RawStop& stop) { return stop.cause == StopCause::step; });
}

void DebugGate::set_moved(std::uint32_t vcpu) {
    const std::lock_guard lock(mutex_);
    places_[vcpu].was_moved = true;
}

}  // namespace rmguest
