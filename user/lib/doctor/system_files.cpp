// SPDX-License-Identifier: GPL-2.0-only
#include "system_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace rmguest::doctor {

namespace fs = std::filesystem;

std::optional<std::string> SystemFiles::read(const std::string& path) const {
    std::ifstream file(real_path(path), std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    std::string text{std::istreambuf_iterator<char>(file), {}};
    return file.bad() ? std::nullopt : std::optional{std::move(text)};
}

std::string SystemFiles::read_word(const std::string& path) const {
    const auto text = read(path).value_or("");
    const auto first = text.find_first_not_of(" \t\n");
    const auto last = text.find_last_not_of(" \t\n");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

bool SystemFiles::exists(const std::string& path) const {
    std::error_code ignored;
    return fs::exists(real_path(path), ignored);
}

std::vector<std::string> SystemFiles::list(const std::string& path) const {
    std::vector<std::string> names;
    std::error_code why;
    for (fs::directory_iterator entry(real_path(path), why), end; !why && entry != end;
         entry.increment(why)) {
        names.push_back(entry->path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

bool SystemFiles::is_denied(const std::string& path) const {
    const std::string real = real_path(path);
    return ::access(real.c_str(), F_OK) == 0 && ::access(real.c_str(), R_OK) != 0;
}

std::vector<std::string> split_words(const std::string& line) {
    std::istringstream words(line);
    return {std::istream_iterator<std::string>(words), {}};
}

}  // namespace rmguest::doctor
