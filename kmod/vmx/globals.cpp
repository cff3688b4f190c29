// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/globals.hpp"

namespace rmv {

constinit Globals globals{};

}  // namespace rmv
