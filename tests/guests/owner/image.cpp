// SPDX-License-Identifier: GPL-2.0-only
#include "image.hpp"

#include <err.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace owner {
namespace {

constexpr std::size_t near_jump_size = 3;
constexpr std::string_view signature = "case:";

std::string base_name(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    return name.substr(0, name.rfind('.'));
}

// "key=value;key=value"
std::map<std::string, std::string> split_options(const std::string& text) {
    std::map<std::string, std::string> options;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ';');) {
        const auto equals = part.find('=');
        if (equals != std::string::npos) options[part.substr(0, equals)] = part.substr(equals + 1);
    }
    return options;
}

}  // namespace

std::string Image::option(const std::string& key, const std::string& otherwise) const {
    const auto found = options.find(key);
    return found == options.end() ? otherwise : found->second;
}

std::optional<std::string> Image::reason(const std::string& key) const {
    const auto found = options.find(key);
    if (found == options.end()) return std::nullopt;
    return found->second;
}

Image read_image(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) err(2, "%s", path.c_str());
    Image image{
        .name = base_name(path), .code = {std::istreambuf_iterator<char>(file), {}}, .options = {}};
    const std::string text(image.code.begin(), image.code.end());
    const std::string start = text.substr(0, near_jump_size + signature.size());
    const auto end = text.find('\0', near_jump_size);
    if (text.empty() || start.find(signature) != near_jump_size || end == std::string::npos)
        errx(2, "%s: no case's image: it must begin with case.inc", path.c_str());
    image.options = split_options(text.substr(start.size(), end - start.size()));
    return image;
}

}  // namespace owner
