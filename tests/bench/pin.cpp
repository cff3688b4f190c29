// SPDX-License-Identifier: GPL-2.0-only
#include "pin.hpp"

#include <sched.h>
#include <signal.h>

#include <cerrno>
#include <system_error>

namespace bench {

void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

void pin(unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) fail("sched_setaffinity");
}

void ignore_signal(int signal) {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    if (sigaction(signal, &action, nullptr) != 0) fail("sigaction");
}

}  // namespace bench
