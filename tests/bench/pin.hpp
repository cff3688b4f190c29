// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace bench {

// Throws std::system_error with errno.
[[noreturn]] void fail(const char* what);

// The calling thread runs on this CPU alone from now on.
void pin(unsigned cpu);

// A signal that does nothing but end system calls.
void ignore_signal(int signal);

}  // namespace bench
