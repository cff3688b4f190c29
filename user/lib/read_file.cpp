// SPDX-License-Identifier: GPL-2.0-only
#include "read_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "file_descriptor.hpp"

namespace rmguest {

Result<std::vector<std::uint8_t>> read_file(const std::string& path) {
    constexpr std::size_t most = std::size_t{3} << 30;
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return system_error(fmt::format("cannot open {}", path), errno);
    }
    std::vector<std::uint8_t> bytes;
    std::array<std::uint8_t, 65536> part{};
    for (;;) {
        const ssize_t count = ::read(file.get(), part.data(), part.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return system_error(fmt::format("cannot read {}", path), errno);
        }
        if (count == 0) {
            return bytes;
        }
        bytes.insert(bytes.end(), part.begin(), part.begin() + count);
        if (bytes.size() > most) {
            return Error{fmt::format("{} is bigger than 3 GiB", path), "a guest can't hold it"};
        }
    }
}

}  // namespace rmguest
