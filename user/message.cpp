// SPDX-License-Identifier: GPL-2.0-only
#include "message.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace rmguest {

bool wants_colour(int descriptor) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool is_forbidden = no_color != nullptr && *no_color != '\0';
    const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return !is_forbidden && !is_dumb && ::isatty(descriptor) == 1;
}

std::string format_error(const Error& error) {
    const char* on = wants_colour(STDERR_FILENO) ? "\x1b[1;31m" : "";
    const char* off = *on != '\0' ? "\x1b[0m" : "";
    std::string text = fmt::format("{}rmguest:{} {}\n", on, off, error.what);
    if (!error.advice.empty()) {
        text += fmt::format("  {}\n", error.advice);
    }
    return text;
}

void print_error(const Error& error) { fmt::print(stderr, "{}", format_error(error)); }

void print_note(const std::string& text) { fmt::print(stderr, "rmguest: {}\n", text); }

}  // namespace rmguest
