// SPDX-License-Identifier: GPL-2.0-only
#include "stop_request.hpp"

#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>

namespace rmguest {
namespace {

constexpr std::array caught{SIGINT, SIGTERM, SIGHUP, SIGALRM};

// Signal handlers reach nothing but globals.
std::atomic<int> first_signal{0};
std::atomic<int> event_descriptor{-1};
std::array<struct sigaction, caught.size()> former_actions;

static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int number) {
    const int error_number = errno;
    int none = 0;
    first_signal.compare_exchange_strong(none, number);
    constexpr std::uint64_t one = 1;
    // It can fail only where the event is set as often as it can be.
    [[maybe_unused]] const ssize_t written = ::write(event_descriptor, &one, sizeof(one));
    errno = error_number;
}

}  // namespace

StopRequest::StopRequest() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    first_signal = 0;
    event_descriptor = event_.get();
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    for (std::size_t index = 0; index < caught.size(); ++index) {
        action.sa_flags = caught[index] == SIGALRM ? 0 : static_cast<int>(SA_RESETHAND);
        ::sigaction(caught[index], &action, &former_actions[index]);
        if (caught[index] == SIGHUP && former_actions[index].sa_handler == SIG_IGN) {
            ::sigaction(SIGHUP, &former_actions[index], nullptr);  // nohup(1)
        }
    }
}

StopRequest::~StopRequest() {
    constexpr itimerval off{};
    ::setitimer(ITIMER_REAL, &off, nullptr);
    for (std::size_t index = 0; index < caught.size(); ++index) {
        ::sigaction(caught[index], &former_actions[index], nullptr);
    }
    event_descriptor = -1;
}

void StopRequest::set_timeout(double seconds) {
    double whole = 0;
    const double fraction = std::modf(seconds, &whole);
    itimerval timer{};
    timer.it_value.tv_sec = static_cast<time_t>(whole);
    timer.it_value.tv_usec = static_cast<suseconds_t>(fraction * 1e6);
    if (timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0) {
        timer.it_value.tv_usec = 1;  // zero would switch the timer off
    }
    // Again and again, for the case that the first one comes right before a write that blocks.
    timer.it_interval.tv_usec = 100'000;
    ::setitimer(ITIMER_REAL, &timer, nullptr);
}

int StopRequest::signal() const { return first_signal.load(); }

}  // namespace rmguest
