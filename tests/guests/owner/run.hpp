// SPDX-License-Identifier: GPL-2.0-only
// Runs one case and tells what came out.
#pragma once

#include <string>
#include <vector>

#include "image.hpp"
#include "machine.hpp"

namespace owner {

struct Outcome {
    std::string end;                 // "exit 0", "halt", "shutdown", ... or an error
    std::string output;              // what it wrote to the debug port
    std::vector<std::string> exits;  // each exit, but for output and for signals
};

// Outcome::end of a guest that runs on and on.
inline constexpr const char* no_end_in_time = "no end in time";

[[nodiscard]] Outcome run_case(const Device& device, const Image& image);

// KVM without VMX or SVM below it emulates real mode, and its emulator does not know DAA.
[[nodiscard]] bool emulates_real_mode(const Device& device);

}  // namespace owner
