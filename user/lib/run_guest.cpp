// SPDX-License-Identifier: GPL-2.0-only
#include "run_guest.hpp"

#include <fmt/core.h>
#include <poll.h>

#include <array>
#include <csignal>

#include "exit_status.hpp"

namespace rmguest {

GuestRun::GuestRun(const Machine& machine, Ports& ports, PhysicalSpace& space,
                   const StopRequest& stop, RunPolicy policy, OutputSink sink)
    : stop_(stop),
      board_(ports, space, std::move(sink), machine.vcpus().size(),
             policy.waits_in_halt || policy.has_apic) {
    const EventRoute route = choose_route(machine, policy.has_apic);
    for (const auto& vcpu : machine.vcpus()) {
        threads_.push_back(std::make_unique<VcpuThread>(machine, *vcpu, board_, route));
    }
}

RunResult GuestRun::run(ControlServer* server) {
    for (const auto& thread : threads_) {
        thread->start();
    }
    serve_until_end(server);
    for (const auto& thread : threads_) {
        thread->join();
    }
    RunResult result = board_.result();
    for (const auto& thread : threads_) {
        const VcpuCounts counts = thread->counts();
        result.counts.user_exits += counts.user_exits;
        result.counts.run_ticks += counts.run_ticks;
        result.counts.user_ticks += counts.user_ticks;
    }
    return result;
}

void GuestRun::serve_until_end(ControlServer* server) {
    std::array<pollfd, 3> places{{{board_.descriptor(), POLLIN, 0},
                                  {stop_.descriptor(), POLLIN, 0},
                                  {server != nullptr ? server->descriptor() : -1, POLLIN, 0}}};
    while (!board_.has_ended()) {
        if (stop_.signal() != 0) {
            end_by_signal();
        } else if (::poll(places.data(), places.size(), -1) > 0 && places[2].revents != 0) {
            server->serve(*this);
        }
    }
}

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
