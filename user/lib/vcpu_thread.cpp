// SPDX-License-Identifier: GPL-2.0-only
#include "vcpu_thread.hpp"

#include <fmt/core.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <x86intrin.h>

#include <linux/rmvisor.h>

#include <cerrno>
#include <chrono>

#include "apic_bus.hpp"
#include "exit_status.hpp"
#include "failure_report.hpp"
#include "mmio_exit.hpp"

namespace rmguest {
namespace {

using namespace std::chrono_literals;

constexpr int kick_signal = SIGUSR1;
struct sigaction former_action;

void do_nothing(int) {}

// All else is for the main thread.
void block_other_signals() {
    sigset_t others;
    sigfillset(&others);
    sigdelset(&others, kick_signal);
    ::pthread_sigmask(SIG_SETMASK, &others, nullptr);
}

}  // namespace

KickSignal::KickSignal() {
    struct sigaction action {};
    action.sa_handler = do_nothing;  // and no SA_RESTART
    sigemptyset(&action.sa_mask);
    ::sigaction(kick_signal, &action, &former_action);
}

KickSignal::~KickSignal() { ::sigaction(kick_signal, &former_action, nullptr); }

void VcpuThread::start() {
    left_at_ = __rdtsc();
    // The new thread inherits the mask: no signal finds it without its own.
    sigset_t former;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &former);
    block_other_signals();
    thread_ = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &former, nullptr);
}

void VcpuThread::kick() {
    // The kernel reads it as a byte that may change at any time.
    __atomic_store_n(&vcpu_.run_page().immediate_exit, std::uint8_t{1}, __ATOMIC_SEQ_CST);
    ::pthread_kill(thread_.native_handle(), kick_signal);
    const std::lock_guard lock(mutex_);
    wake_.notify_all();
}

void VcpuThread::join() {
    // Again and again, for the case that the signal comes right before a write that blocks.
    while (!is_done_) {
        kick();
        std::this_thread::sleep_for(1ms);
    }
    thread_.join();
}

Outcome VcpuThread::inject(const Injection& injection, const std::function<bool()>& gives_up) {
    std::future<Outcome> answer;
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back({injection, {}});
        answer = requests_.back().answer.get_future();
    }
    kick();
    while (answer.wait_for(50ms) != std::future_status::ready) {
        if (gives_up() || is_done_) {
            return Error{fmt::format("vCPU {} does not stop for it", vcpu_.id()),
                         "the run ends, or its output is stuck"};
        }
    }
    return answer.get();
}

VcpuCounts VcpuThread::counts() const { return {user_exits_, run_ticks_, user_ticks_}; }

bool VcpuThread::is_settled() const {
    return is_done_ || (gate_ != nullptr && gate_->is_parked(vcpu_.id()));
}

void VcpuThread::run() {
    while (!board_.has_ended()) {
        if (is_held()) {
            wait_for_debugger();
        } else {
            run_once();
        }
    }
    is_done_ = true;
}

bool VcpuThread::is_held() const {
    return gate_ != nullptr && gate_->mode(vcpu_.id()) == RunMode::hold;
}

// A debugger wants to see what the last instruction has done.
void VcpuThread::wait_for_debugger() {
    complete_access();
    gate_->park(vcpu_.id(), [this] {
        serve_requests();
        return board_.has_ended();
    });
}

void VcpuThread::complete_access() {
    while (has_access_ && !board_.has_ended()) {
        __atomic_store_n(&vcpu_.run_page().immediate_exit, std::uint8_t{1}, __ATOMIC_SEQ_CST);
        if (enter() == 0) {
            handle_exit();
        }
    }
}

// Where rmguest has done the instruction, the device has not stopped after it.
void VcpuThread::finish_step() {
    if (gate_ == nullptr || gate_->mode(vcpu_.id()) != RunMode::step) {
        return;
    }
    const std::uint32_t reason = vcpu_.run_page().exit_reason;
    if (has_access_ || reason == KVM_EXIT_INTERNAL_ERROR) {
        complete_access();
        gate_->finish_step(vcpu_.id());
    }
}

int VcpuThread::enter() {
    const std::uint64_t entered_at = __rdtsc();
    user_ticks_ += entered_at - left_at_;
    has_access_ = false;
    const int error_number = vcpu_.run();
    left_at_ = __rdtsc();
    run_ticks_ += left_at_ - entered_at;
    ++user_exits_;
    return error_number;
}

void VcpuThread::run_once() {
    // In this order: a request that comes later sets it again.
    __atomic_store_n(&vcpu_.run_page().immediate_exit, std::uint8_t{0}, __ATOMIC_SEQ_CST);
    serve_requests();
    offer_interrupt();
    if (board_.has_ended() || is_held()) {
        return;
    }
    const int error_number = enter();
    if (error_number == 0) {
        handle_exit();
        finish_step();
    } else if (error_number != EINTR && error_number != EAGAIN) {
        end(RunEnd::run_failed, system_error("the guest can't go on (KVM_RUN)", error_number,
                                             "see dmesg for what the device says"));
    }
}

void VcpuThread::end(RunEnd how, std::optional<Error> error) {
    const ExitStatus status = error ? ExitStatus::rmguest_failed : ExitStatus::guest_failed;
    board_.end(how, static_cast<int>(status), vcpu_.id(), std::move(error));
}

void VcpuThread::handle_exit() {
    // What IN reads is known only afterwards, and HLT may be answered much later.
    const bool is_port = vcpu_.run_page().exit_reason == KVM_EXIT_IO;
    if (gate_ != nullptr && !is_port) {
        gate_->note(vcpu_.id(), vcpu_.run_page());
    }
    answer_exit();
    if (gate_ != nullptr && is_port) {
        gate_->note(vcpu_.id(), vcpu_.run_page());
    }
}

void VcpuThread::answer_exit() {
    switch (vcpu_.run_page().exit_reason) {
        case KVM_EXIT_IO:
            board_.serve_ports(vcpu_.id(), vcpu_.run_page());
            has_access_ = true;
            return;
        case KVM_EXIT_MMIO:
            complete_decoded_access(vcpu_.run_page(), board_.space());
            has_access_ = true;
            return;
        case KVM_EXIT_DEBUG:
            if (gate_ == nullptr) {
                end(RunEnd::unknown_exit);
            }
            return;
        case KVM_EXIT_INTR:
        case KVM_EXIT_IRQ_WINDOW_OPEN: return;
        case KVM_EXIT_HLT: wait_in_halt(); return;
        case KVM_EXIT_SHUTDOWN: end(RunEnd::shutdown); return;
        case KVM_EXIT_INTERNAL_ERROR: handle_internal_error(); return;
        case KVM_EXIT_FAIL_ENTRY: end(RunEnd::fail_entry); return;
        case RMVISOR_EXIT_INIT_STORM: end(RunEnd::init_storm); return;
        case RMVISOR_EXIT_CPU_SILENT: {
            const auto& page = vcpu_.run_page();
            board_.end(RunEnd::cpu_silent, static_cast<int>(ExitStatus::guest_failed), vcpu_.id(),
                       explain_failure(RunEnd::cpu_silent, page, true));
            return;
        }
        default: end(RunEnd::unknown_exit); return;
    }
}

void VcpuThread::handle_internal_error() {
    if (!is_access_to_emulate(vcpu_.run_page(), machine_.device().is_rmvisor)) {
        end(RunEnd::internal_error);
        return;
    }
    ApicBus bus(board_.space(), vcpu_.descriptor());
    if (auto completed = complete_by_emulation(vcpu_, bus); !completed) {
        board_.end(RunEnd::internal_error, static_cast<int>(ExitStatus::guest_failed), vcpu_.id(),
                   completed.error());
    }
}

void VcpuThread::serve_requests() {
    std::vector<Request> requests;
    {
        const std::lock_guard lock(mutex_);
        requests.swap(requests_);
    }
    for (Request& request : requests) {
        if (waits_for_guest(request.injection, route_)) {
            interrupts_.push_back(request.injection.vector);
            request.answer.set_value(Done{});
            continue;
        }
        const Outcome done = inject_now(machine_, vcpu_, request.injection, route_);
        has_nmi_ = has_nmi_ || (done && request.injection.kind == EventKind::nmi);
        request.answer.set_value(done);
    }
}

// KVM's way: the interrupt is given when the guest can take it, and KVM_RUN returns as soon as it
// can.
void VcpuThread::offer_interrupt() {
    kvm_run& page = vcpu_.run_page();
    page.request_interrupt_window = 0;
    if (interrupts_.empty()) {
        return;
    }
    if (page.ready_for_interrupt_injection == 0 || page.if_flag == 0) {
        page.request_interrupt_window = 1;
        return;
    }
    const kvm_interrupt interrupt{.irq = interrupts_.front()};
    if (::ioctl(vcpu_.descriptor(), KVM_INTERRUPT, &interrupt) != 0) {
        end(RunEnd::run_failed,
            system_error(fmt::format("interrupt {:#x} can't be injected", interrupt.irq), errno,
                         "this module can't inject interrupts"));
        return;
    }
    interrupts_.pop_front();
    page.request_interrupt_window = interrupts_.empty() ? 0 : 1;
}

bool VcpuThread::can_wake() const {
    return has_nmi_ || (!interrupts_.empty() && vcpu_.run_page().if_flag != 0);
}

bool VcpuThread::was_moved() { return gate_ != nullptr && gate_->take_moved(vcpu_.id()); }

void VcpuThread::wait_in_halt() {
    has_nmi_ = false;
    if (can_wake()) {
        return;
    }
    is_halted_ = true;
    board_.set_halted(vcpu_.id(), true);
    while (!board_.has_ended() && !can_wake() && !was_moved()) {
        if (is_held()) {
            wait_for_debugger();
            continue;
        }
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, 100ms, [this] { return !requests_.empty() || is_held(); });
        }
        serve_requests();
    }
    if (!board_.has_ended()) {
        board_.set_halted(vcpu_.id(), false);
    }
    is_halted_ = false;
}

}  // namespace rmguest
