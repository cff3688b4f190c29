// SPDX-License-Identifier: GPL-2.0-only
#include "top_screen.hpp"

// Functions, not macros.
#define NCURSES_NOMACROS
#include <curses.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "lib/top_model.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

constexpr int escape_key = 27;
constexpr int backspace_key = 127;
constexpr std::size_t longest_answer = 60;

// The terminal, from its first to its last change.
class Screen {
public:
    Screen() : screen_(::newterm(nullptr, stdout, stdin)) {
        if (screen_ != nullptr) {
            ::cbreak();
            ::noecho();
            ::nonl();
            ::keypad(stdscr, TRUE);
            ::curs_set(0);
            ::set_escdelay(25);
        }
    }
    ~Screen() {
        if (screen_ != nullptr) {
            ::endwin();
            ::delscreen(screen_);
        }
    }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    [[nodiscard]] bool is_open() const { return screen_ != nullptr; }

private:
    SCREEN* screen_;
};

void paint(const std::vector<std::string>& lines) {
    ::erase();
    for (std::size_t index = 0; index < lines.size(); ++index) {
        const bool is_header = index == top_header_line;
        if (is_header) {
            ::attron(A_REVERSE);
        }
        // The bottom right corner can't be written without scrolling; nothing is lost there.
        ::mvaddnstr(static_cast<int>(index), 0, lines[index].c_str(), COLS);
        if (is_header) {
            const int written = static_cast<int>(lines[index].size());
            ::mvhline(static_cast<int>(index), written, ' ', std::max(COLS - written, 0));
            ::attroff(A_REVERSE);
        }
    }
    ::refresh();
}

// Reads a line at the top of the screen; nothing when it was given up.
std::string read_answer(const std::string& prompt, const StopRequest& stop) {
    std::string text;
    ::curs_set(1);
    while (stop.signal() == 0) {
        ::mvprintw(1, 0, "%s: %s", prompt.c_str(), text.c_str());
        ::clrtoeol();
        ::refresh();
        ::timeout(200);
        const int key = ::getch();
        if (key == '\r' || key == '\n' || key == KEY_ENTER) {
            break;
        }
        if (key == escape_key) {
            text.clear();
            break;
        }
        if ((key == KEY_BACKSPACE || key == backspace_key || key == '\b') && !text.empty()) {
            text.pop_back();
        } else if (key >= ' ' && key < backspace_key && text.size() < longest_answer) {
            text.push_back(static_cast<char>(key));
        }
    }
    ::curs_set(0);
    return text;
}

using Clock = std::chrono::steady_clock;

// Milliseconds until the next look; a signal is seen within half a second too.
int time_to_wait(Clock::time_point last, double interval) {
    const std::chrono::duration<double> passed = Clock::now() - last;
    return static_cast<int>(std::clamp((interval - passed.count()) * 1000.0, 0.0, 500.0));
}

}  // namespace

Outcome show_top(TopHandler& handler, const StopRequest& stop) {
    const Screen screen;
    if (!screen.is_open()) {
        return Error{"this terminal is not known (TERM)", "use --batch, or set TERM"};
    }
    Clock::time_point last = Clock::now();
    bool quits = false;
    while (!quits && stop.signal() == 0) {
        paint(handler.draw(COLS, LINES));
        ::timeout(time_to_wait(last, handler.interval()));
        const int key = ::getch();
        const bool is_time =
            std::chrono::duration<double>(Clock::now() - last).count() >= handler.interval();
        quits = key == 'q' || key == 'Q';
        if (key != ERR && key != KEY_RESIZE && key != ' ' && !quits && handler.key(key)) {
            const std::string prompt = handler.prompt();
            if (!prompt.empty()) {
                handler.answer(read_answer(prompt, stop));
            }
        }
        if (!quits && (is_time || key == ' ')) {
            last = Clock::now();
            if (const auto done = handler.refresh(); !done) {
                return done;
            }
        }
    }
    return Done{};
}

}  // namespace rmguest
