// SPDX-License-Identifier: GPL-2.0-only
// A case's image: flat code for 0:7C00h that begins with a near jump over a text of options
// (case.inc writes both).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace owner {

struct Image {
    std::string name;
    std::vector<std::uint8_t> code;
    std::map<std::string, std::string> options;

    [[nodiscard]] std::string option(const std::string& key,
                                     const std::string& otherwise = {}) const;
    [[nodiscard]] std::optional<std::string> reason(const std::string& key) const;
};

// Ends the program with a message if the file is no such image.
[[nodiscard]] Image read_image(const std::string& path);

}  // namespace owner
