// SPDX-License-Identifier: GPL-2.0-only
#include "image.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace bench {

std::vector<std::uint8_t> read_image(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path + ": can't be read");
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace bench
