// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

// The bytes of a guest's image. Throws std::runtime_error.
[[nodiscard]] std::vector<std::uint8_t> read_image(const std::string& path);

}  // namespace bench
