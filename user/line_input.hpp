// SPDX-License-Identifier: GPL-2.0-only
//
// Lines from the standard input: edited, with a history and completion, where that is a terminal.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rmguest {

class LineInput {
public:
    enum class Event { input, interrupt, over };
    // Blocks until there is something to read on the standard input, Ctrl-C was pressed, or there
    // is nothing to wait for any more.
    using Wait = std::function<Event()>;

    LineInput(std::string prompt, std::vector<std::string> words, Wait wait);
    ~LineInput();
    LineInput(const LineInput&) = delete;
    LineInput& operator=(const LineInput&) = delete;

    [[nodiscard]] bool is_interactive() const;
    // Without its end; nothing after the last one. Ctrl-C gives up the line and begins another.
    [[nodiscard]] std::optional<std::string> read();

private:
    struct Editor;

    [[nodiscard]] std::optional<std::string> read_plain();
    [[nodiscard]] std::optional<std::string> read_edited();

    const std::string prompt_;
    const std::vector<std::string> words_;
    const Wait wait_;
    std::string buffer_;
    bool has_input_ended_ = false;
    std::unique_ptr<Editor> editor_;
};

}  // namespace rmguest
