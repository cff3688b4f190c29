// SPDX-License-Identifier: GPL-2.0-only
#include "line_input.hpp"

#include <fmt/format.h>
#include <histedit.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <iterator>

namespace rmguest {
namespace {

constexpr int longest_history = 500;

std::string common_beginning(const std::vector<std::string>& words) {
    std::string common = words.front();
    for (const std::string& word : words) {
        const auto [differs, unused] = std::ranges::mismatch(common, word);
        common.erase(differs, common.end());
    }
    return common;
}

}  // namespace

struct LineInput::Editor {
    EditLine* line = nullptr;
    History* history = nullptr;
    LineInput* owner = nullptr;
    Event last = Event::input;

    static Editor& of(EditLine* line) {
        void* data = nullptr;
        ::el_get(line, EL_CLIENTDATA, &data);
        return *static_cast<Editor*>(data);
    }

    static char* prompt(EditLine* line) {
        return const_cast<char*>(of(line).owner->prompt_.c_str());
    }

    // 1, 0 at the end of the input, -1 to give the line up.
    static int get_character(EditLine* line, wchar_t* character) {
        Editor& editor = of(line);
        for (;;) {
            editor.last = editor.owner->wait_();
            if (editor.last != Event::input) {
                errno = EINTR;
                return -1;
            }
            unsigned char byte = 0;
            const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
            if (count > 0) {
                *character = byte;
                return 1;
            }
            if (count == 0 || errno != EINTR) {
                return 0;
            }
        }
    }

    // The first word of a line: as far as it is clear, else what it may become.
    static unsigned char complete(EditLine* line, int) {
        const LineInfo* info = ::el_line(line);
        const std::string begun(info->buffer, info->cursor);
        std::vector<std::string> found;
        std::ranges::copy_if(of(line).owner->words_, std::back_inserter(found),
                             [&](const std::string& word) { return word.starts_with(begun); });
        if (found.empty()) {
            return CC_REFRESH_BEEP;
        }
        std::string rest = common_beginning(found).substr(begun.size());
        rest += found.size() == 1 ? " " : "";
        if (!rest.empty()) {
            return ::el_insertstr(line, rest.c_str()) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
        }
        fmt::print(stderr, "\n{}\n", fmt::join(found, "  "));
        return CC_REDISPLAY;
    }
};

LineInput::LineInput(std::string prompt, std::vector<std::string> words, Wait wait)
    : prompt_(std::move(prompt)), words_(std::move(words)), wait_(std::move(wait)) {
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) {
        return;
    }
    editor_ = std::make_unique<Editor>();
    editor_->owner = this;
    editor_->history = ::history_init();
    editor_->line = ::el_init("rmguest", stdin, stderr, stderr);
    if (editor_->line == nullptr || editor_->history == nullptr) {
        return;
    }
    HistEvent event;
    ::history(editor_->history, &event, H_SETSIZE, longest_history);
    ::history(editor_->history, &event, H_SETUNIQUE, 1);
    ::el_set(editor_->line, EL_CLIENTDATA, editor_.get());
    ::el_set(editor_->line, EL_PROMPT, &Editor::prompt);
    ::el_set(editor_->line, EL_EDITOR, "emacs");
    ::el_set(editor_->line, EL_HIST, ::history, editor_->history);
    ::el_set(editor_->line, EL_GETCFN, &Editor::get_character);
    ::el_set(editor_->line, EL_ADDFN, "rmguest-complete", "complete a command", &Editor::complete);
    ::el_set(editor_->line, EL_BIND, "^I", "rmguest-complete", nullptr);
    ::el_source(editor_->line, nullptr);  // ~/.editrc
}

LineInput::~LineInput() {
    if (editor_ && editor_->line != nullptr) {
        ::el_end(editor_->line);
    }
    if (editor_ && editor_->history != nullptr) {
        ::history_end(editor_->history);
    }
}

bool LineInput::is_interactive() const { return editor_ && editor_->line != nullptr; }

std::optional<std::string> LineInput::read() {
    return is_interactive() ? read_edited() : read_plain();
}

std::optional<std::string> LineInput::read_edited() {
    for (;;) {
        int count = 0;
        editor_->last = Event::input;
        const char* text = ::el_gets(editor_->line, &count);
        if (text != nullptr && count > 0) {
            std::string line(text, static_cast<std::size_t>(count));
            while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
                line.pop_back();
            }
            if (!line.empty()) {
                HistEvent event;
                ::history(editor_->history, &event, H_ENTER, line.c_str());
            }
            return line;
        }
        fmt::print(stderr, "\n");
        if (editor_->last != Event::interrupt) {
            return std::nullopt;
        }
        ::el_reset(editor_->line);
    }
}

// A script: its lines are shown, so that the answers have their questions.
std::optional<std::string> LineInput::read_plain() {
    for (;;) {
        const auto end = buffer_.find('\n');
        if (end != std::string::npos || (has_input_ended_ && !buffer_.empty())) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end == std::string::npos ? end : end + 1);
            fmt::print(stderr, "{}{}\n", prompt_, line);
            return line;
        }
        if (has_input_ended_ || wait_() != Event::input) {
            return std::nullopt;
        }
        std::array<char, 4096> bytes{};
        const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (count > 0) {
            buffer_.append(bytes.data(), static_cast<std::size_t>(count));
        } else if (count == 0 || errno != EINTR) {
            has_input_ended_ = true;
        }
    }
}

}  // namespace rmguest
