// SPDX-License-Identifier: GPL-2.0-only
//
// Runs one vCPU in a thread of its own until the run ends, and puts events into it on the way.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "injection.hpp"
#include "machine.hpp"
#include "run_board.hpp"

namespace rmguest {

// While one of these lives, the signal that brings vCPUs out of KVM_RUN has its handler.
class KickSignal {
public:
    KickSignal();
    ~KickSignal();
    KickSignal(const KickSignal&) = delete;
    KickSignal& operator=(const KickSignal&) = delete;
};

class VcpuThread {
public:
    VcpuThread(const Machine& machine, Vcpu& vcpu, RunBoard& board, EventRoute route)
        : machine_(machine), vcpu_(vcpu), board_(board), route_(route) {}

    void start();
    // Waits for the thread; the run must have ended. Kicks until it is there.
    void join();
    // Makes it look whether there is something to do. What was asked before is not lost: KVM_RUN
    // returns at once when immediate_exit is set, and the signal brings it out if it is inside.
    void kick();

    // From another thread: waits until it is done, or `gives_up` says so.
    [[nodiscard]] Outcome inject(const Injection& injection, const std::function<bool()>& gives_up);

    [[nodiscard]] VcpuCounts counts() const;
    [[nodiscard]] bool is_halted() const { return is_halted_; }
    [[nodiscard]] const Vcpu& vcpu() const { return vcpu_; }

private:
    struct Request {
        Injection injection;
        std::promise<Outcome> answer;
    };

    void run();
    void run_once();
    void handle_exit();
    void handle_internal_error();
    void serve_requests();
    void offer_interrupt();
    void wait_in_halt();
    [[nodiscard]] bool can_wake() const;
    void end(RunEnd how, std::optional<Error> error = {});

    const Machine& machine_;
    Vcpu& vcpu_;
    RunBoard& board_;
    const EventRoute route_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Request> requests_;
    std::deque<std::uint8_t> interrupts_;  // asked for, and not taken by the guest yet
    bool has_nmi_ = false;                 // since the last halt

    std::uint64_t left_at_ = 0;  // TSC when KVM_RUN returned
    std::atomic<std::uint64_t> user_exits_{0};
    std::atomic<std::uint64_t> run_ticks_{0};
    std::atomic<std::uint64_t> user_ticks_{0};
    std::atomic<bool> is_halted_{false};
    std::atomic<bool> is_done_{false};
    std::thread thread_;
};

}  // namespace rmguest
