// SPDX-License-Identifier: GPL-2.0-only
//
// The files by which Linux tells about itself, below a root of choice: tests have one of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rmguest::doctor {

class SystemFiles {
public:
    explicit SystemFiles(std::string root) : root_(root == "/" ? "" : std::move(root)) {}

    // All of a file; nothing when it is not there or not ours to read.
    [[nodiscard]] std::optional<std::string> read(const std::string& path) const;
    // The same without the blanks around it; "" when it can't be read.
    [[nodiscard]] std::string read_word(const std::string& path) const;
    [[nodiscard]] bool exists(const std::string& path) const;
    [[nodiscard]] std::vector<std::string> list(const std::string& path) const;
    // There, and not ours to read.
    [[nodiscard]] bool is_denied(const std::string& path) const;
    [[nodiscard]] std::string real_path(const std::string& path) const { return root_ + path; }
    // Whether this is the machine that we run on.
    [[nodiscard]] bool is_this_machine() const { return root_.empty(); }

private:
    std::string root_;
};

// Words of a line, by blanks.
[[nodiscard]] std::vector<std::string> split_words(const std::string& line);

}  // namespace rmguest::doctor
