// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <string_view>

#include "error.hpp"

namespace rmguest {

// Writes all of it to a file descriptor. After a signal it asks `gives_up`, where there is one, and
// leaves the rest away if that says so.
[[nodiscard]] Outcome write_all(int descriptor, std::string_view text,
                                const std::function<bool()>& gives_up);

}  // namespace rmguest
