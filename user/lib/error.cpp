// SPDX-License-Identifier: GPL-2.0-only
#include "error.hpp"

#include <cstring>

namespace rmguest {

Error system_error(const std::string& what, int error_number, std::string advice) {
    return Error{what + ": " + std::strerror(error_number), std::move(advice)};
}

}  // namespace rmguest
