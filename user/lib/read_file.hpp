// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "error.hpp"

namespace rmguest {

// All of a regular file or of what a pipe gives; refuses folders and more than 3 GiB, which is
// more than a guest can have.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_file(const std::string& path);

}  // namespace rmguest
