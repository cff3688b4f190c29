// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace bench {

// Throws std::system_error with errno.
[[noreturn]] void fail(const char* what);

// The calling thread runs on this CPU alone from now on.
void pin(unsigned cpu);

}  // namespace bench
