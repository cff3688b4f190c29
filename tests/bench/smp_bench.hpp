// SPDX-License-Identifier: GPL-2.0-only
// What two vCPUs with local APICs are to each other, on /dev/rmvisor and on /dev/kvm alike.
#pragma once

#include <string>

namespace bench {

// The first vCPU's owner is the calling thread, the other's a thread on `other_cpu`. `image`:
// smp.asm. Throws owner::CallFailed, std::runtime_error.
void measure_smp(const std::string& device, const std::string& image, const std::string& who,
                 unsigned other_cpu);

}  // namespace bench
