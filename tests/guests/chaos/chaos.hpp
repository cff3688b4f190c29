// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace chaos {

// One round on a device, in a process of its own. False: something was not as it should be, and
// said so.
using Round = bool(const char* device, unsigned seed);

Round ioctls;         // any request on any descriptor, with arguments from good to nonsense
Round byte_guest;     // a guest whose memory is random bytes
Round grammar_guest;  // a guest of real instructions in a random order

}  // namespace chaos
