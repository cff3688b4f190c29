// SPDX-License-Identifier: GPL-2.0-only
// What a guest and its memory cost: time to give it, and memory of the kernel beside it.
#pragma once

#include <string>
#include <vector>

namespace bench {

// Of guests with these sizes of memory in MiB; `image`: guest.asm. Throws owner::CallFailed,
// std::runtime_error.
void measure_sizes(const std::string& device, const std::string& image, const std::string& who,
                   const std::vector<std::string>& sizes);

// What each of `count` guests with one vCPU and little memory takes of the kernel's. A CPU that
// goes offline gives memory back, which is not the guest's doing: `taken` are those that it takes.
void measure_guests(const std::string& device, const std::string& image, const std::string& who,
                    unsigned count, const std::vector<std::string>& taken);

}  // namespace bench
