// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest top on a terminal.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/error.hpp"
#include "lib/stop_request.hpp"

namespace rmguest {

// What the screen needs from the program behind it.
struct TopHandler {
    // Takes a new look.
    std::function<Outcome()> refresh;
    // The lines for a screen of that size.
    std::function<std::vector<std::string>(int width, int height)> draw;
    // A key that is no function of the screen itself; whether it was known.
    std::function<bool(int key)> key;
    // The text that was asked for by `prompt`.
    std::function<std::string()> prompt;
    std::function<void(const std::string& text)> answer;
    std::function<double()> interval;
};

// Until q, a signal, or an error. The terminal is as it was before, whatever the end.
[[nodiscard]] Outcome show_top(TopHandler& handler, const StopRequest& stop);

}  // namespace rmguest
