// SPDX-License-Identifier: GPL-2.0-only
#include "debug_console.hpp"

#include <fmt/core.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>

#include "lib/debug/monitor.hpp"
#include "line_input.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

constexpr const char* prompt = "(rmguest) ";

}  // namespace

// The signal is blocked, so that it interrupts nothing, and read where it is waited for.
DebugConsole::DebugConsole(std::function<void()> end_line) : end_line_(std::move(end_line)) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &set, &former_mask_);
    interrupts_ = FileDescriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

DebugConsole::~DebugConsole() {
    while (take_interrupt()) {
    }
    ::pthread_sigmask(SIG_SETMASK, &former_mask_, nullptr);
}

bool DebugConsole::take_interrupt() const {
    signalfd_siginfo info{};
    return ::read(interrupts_.get(), &info, sizeof(info)) == sizeof(info);
}

bool DebugConsole::work(LiveTarget& target, GuestRun& guest) {
    Monitor monitor(target, {interrupts_.get(), [this] { return take_interrupt(); }});
    LineInput input(prompt, Monitor::command_names(), [&] {
        const int ready = guest.wait_for({interrupts_.get(), STDIN_FILENO});
        if (ready == interrupts_.get() && take_interrupt()) {
            return LineInput::Event::interrupt;
        }
        return ready < 0 ? LineInput::Event::over : LineInput::Event::input;
    });
    fmt::print(stderr, "{}", monitor.describe_stop({.cause = StopCause::start}));
    bool is_good = true;
    while (is_good && !monitor.has_quit()) {
        const auto line = input.read();
        if (!line) {
            break;
        }
        const auto answer = monitor.execute(*line);
        end_line_();
        if (answer) {
            fmt::print(stderr, "{}", *answer);
        } else {
            print_error(answer.error());
            is_good = input.is_interactive();
        }
    }
    guest.quit();
    return is_good;
}

}  // namespace rmguest
