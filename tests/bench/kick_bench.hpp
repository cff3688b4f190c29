// SPDX-License-Identifier: GPL-2.0-only
// The kick by itself: from the request that a guest shall stop to the hypervisor's first reading of
// the TSC after the exit, without what leads to the request or follows the stop.
#pragma once

#include <string>

namespace bench {

// As debugfs rmvisor/status says. The owner of a guest of guest.asm runs on `cpu`.
void measure_kick(const std::string& image, const std::string& who, unsigned cpu);

// rmtest.ko sends the interrupt that is KVM's kick to `cpu`, on which the guest runs. `trace`:
// tracefs' for that CPU, with kvm_exit and the clock x86-tsc. The guest's own last reading of the
// TSC says how much of it is the interrupt's way.
void measure_kvm_kick(const std::string& image, const std::string& who, unsigned cpu,
                      const std::string& trace);

}  // namespace bench
