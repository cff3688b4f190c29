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

#include "debug/debug_gate.hpp"
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
    // With a gate, it runs as far as the debugger behind that lets it.
    VcpuThread(const Machine& machine, Vcpu& vcpu, RunBoard& board, EventRoute route,
               DebugGate* gate = nullptr)
        : machine_(machine), vcpu_(vcpu), board_(board), route_(route), gate_(gate) {}

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
    // It is out of KVM_RUN, and comes in again only when the debugger lets it.
    [[nodiscard]] bool is_settled() const;

private:
    struct Request {
        Injection injection;
        std::promise<Outcome> answer;
    };

    void run();
    void run_once();
    int enter();
    [[nodiscard]] bool is_held() const;
    void wait_for_debugger();
    void complete_access();
    void finish_step();
    void handle_exit();
    void answer_exit();
    void handle_internal_error();
    void serve_requests();
    void offer_interrupt();
    void wait_in_halt();
    [[nodiscard]] bool can_wake() const;
    [[nodiscard]] bool was_moved();
    void end(RunEnd how, std::optional<Error> error = {});

    const Machine& machine_;
    Vcpu& vcpu_;
    RunBoard& board_;
    const EventRoute route_;
    DebugGate* const gate_;
    bool has_access_ = false;  // the next KVM_RUN completes what it was out for

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
