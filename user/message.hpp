// SPDX-License-Identifier: GPL-2.0-only
//
// What rmguest tells the user on stderr. Colour only on a terminal, and not with NO_COLOR.
#pragma once

#include <string>

#include "lib/error.hpp"

namespace rmguest {

[[nodiscard]] bool wants_colour(int descriptor);

[[nodiscard]] std::string format_error(const Error& error);
void print_error(const Error& error);
// "rmguest: TEXT"
void print_note(const std::string& text);

}  // namespace rmguest
