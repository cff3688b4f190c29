// SPDX-License-Identifier: GPL-2.0-only
// The kick by itself: from the request that a guest shall stop until it is out, without what leads
// to the request or follows the stop.
#pragma once

#include <string>

namespace bench {

// As debugfs rmvisor/status says, to root's first reading of the TSC. The owner of a guest of
// guest.asm runs on `cpu`.
void measure_kick(const std::string& image, const std::string& who, unsigned cpu);

// The guest says itself when it was out: up to one of its loops too early. rmtest.ko sends the
// interrupt that is KVM's kick to `cpu`, on which the guest runs.
void measure_kvm_kick(const std::string& image, const std::string& who, unsigned cpu);

}  // namespace bench
