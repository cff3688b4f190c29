// SPDX-License-Identifier: GPL-2.0-only
#include "write_all.hpp"

#include <unistd.h>

#include <cerrno>

namespace rmguest {

Outcome write_all(int descriptor, std::string_view text, const std::function<bool()>& gives_up) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            return system_error("cannot write", errno);
        } else if (gives_up && gives_up()) {
            return Done{};
        }
    }
    return Done{};
}

}  // namespace rmguest
