// SPDX-License-Identifier: GPL-2.0-only
// What is measured with a guest of guest.asm, on /dev/rmvisor and on /dev/kvm alike.
#pragma once

#include <string>

namespace bench {

// `names` of measurements, all if empty. Throws owner::CallFailed, std::runtime_error.
void measure_guest(const std::string& device, const std::string& image, const std::string& who,
                   const std::string& names);

}  // namespace bench
