// SPDX-License-Identifier: GPL-2.0-only
#include "run_guest.hpp"

#include <fmt/core.h>
#include <poll.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "exit_status.hpp"

namespace rmguest {

GuestRun::GuestRun(const Machine& machine, Ports& ports, PhysicalSpace& space,
                   const StopRequest& stop, RunPolicy policy, OutputSink sink, DebugGate* gate)
    : stop_(stop),
      board_(ports, space, std::move(sink), machine.vcpus().size(),
             policy.waits_in_halt || policy.has_apic) {
    const EventRoute route = choose_route(machine, policy.has_apic);
    for (const auto& vcpu : machine.vcpus()) {
        threads_.push_back(std::make_unique<VcpuThread>(machine, *vcpu, board_, route, gate));
    }
}

RunResult GuestRun::run(ControlServer* server, const std::function<void()>& debugger) {
    server_ = server;
    for (const auto& thread : threads_) {
        thread->start();
    }
    if (debugger) {
        debugger();
    }
    serve_until_end();
    for (const auto& thread : threads_) {
        thread->join();
    }
    return result();
}

RunResult GuestRun::result() const {
    RunResult result = board_.result();
    for (const auto& thread : threads_) {
        const VcpuCounts counts = thread->counts();
        result.counts.user_exits += counts.user_exits;
        result.counts.run_ticks += counts.run_ticks;
        result.counts.user_ticks += counts.user_ticks;
    }
    return result;
}

void GuestRun::serve_until_end() {
    while (!board_.has_ended()) {
        (void)wait_for({});
    }
}

int GuestRun::wait_for(const std::vector<int>& descriptors) {
    const bool had_ended = board_.has_ended();
    std::vector<pollfd> places{{had_ended ? -1 : board_.descriptor(), POLLIN, 0},
                               {stop_.descriptor(), POLLIN, 0},
                               {server_ != nullptr ? server_->descriptor() : -1, POLLIN, 0}};
    const std::size_t given = places.size();
    for (const int descriptor : descriptors) {
        places.push_back({descriptor, POLLIN, 0});
    }
    while (!is_over_ && (had_ended || !board_.has_ended())) {
        if (stop_.signal() != 0) {
            end_by_signal();
            break;
        }
        if (::poll(places.data(), places.size(), -1) <= 0) {
            continue;
        }
        if (places[2].revents != 0) {
            server_->serve(*this);
        }
        for (std::size_t index = given; index < places.size(); ++index) {
            if (places[index].revents != 0) {
                return places[index].fd;
            }
        }
    }
    return -1;
}

void GuestRun::settle() {
    using namespace std::chrono_literals;
    for (const auto& thread : threads_) {
        while (!thread->is_settled()) {
            if (stop_.signal() != 0 && !board_.has_ended()) {
                end_by_signal();
            }
            thread->kick();
            std::this_thread::sleep_for(1ms);
        }
    }
}

void GuestRun::quit() { board_.end(RunEnd::quit, static_cast<int>(ExitStatus::success), 0); }

void GuestRun::end_by_signal() {
    const int signal = stop_.signal();
    if (signal == SIGALRM) {
        board_.end(RunEnd::timed_out, static_cast<int>(ExitStatus::timed_out), 0);
    } else {
        board_.end(RunEnd::signalled, static_cast<int>(ExitStatus::signal_base) + signal, 0);
    }
}

Outcome GuestRun::inject(std::uint32_t vcpu, const Injection& injection) {
    if (vcpu >= threads_.size()) {
        return Error{fmt::format("the guest has no vCPU {}", vcpu),
                     fmt::format("give one from 0 to {}", threads_.size() - 1)};
    }
    return threads_[vcpu]->inject(injection,
                                  [this] { return stop_.signal() != 0 || board_.has_ended(); });
}

void GuestRun::stop() {
    is_over_ = true;
    board_.end(RunEnd::stopped, static_cast<int>(ExitStatus::signal_base) + SIGTERM, 0);
}

std::vector<VcpuReport> GuestRun::vcpus() const {
    std::vector<VcpuReport> reports;
    for (const auto& thread : threads_) {
        reports.push_back({.id = thread->vcpu().id(),
                           .is_halted = thread->is_halted(),
                           .counts = thread->counts()});
    }
    return reports;
}

}  // namespace rmguest
