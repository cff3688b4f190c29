// SPDX-License-Identifier: GPL-2.0-only
#include "runtime_folder.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace rmguest {
namespace {

constexpr std::size_t longest_name = 64;

bool is_name_character(char character) {
    const auto in = [character](char first, char last) {
        return character >= first && character <= last;
    };
    return in('a', 'z') || in('A', 'Z') || in('0', '9') || character == '.' || character == '_' ||
           character == '-';
}

const char* environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

std::string runtime_folder() {
    if (const char* chosen = environment("RMGUEST_RUNTIME_DIR")) {
        return chosen;
    }
    if (::geteuid() == 0) {
        return "/run/rmguest";
    }
    if (const char* session = environment("XDG_RUNTIME_DIR")) {
        return fmt::format("{}/rmguest", session);
    }
    return fmt::format("/tmp/rmguest-{}", ::geteuid());
}

Outcome make_runtime_folder(const std::string& folder) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), ignored);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_error(fmt::format("cannot make {}", folder), errno);
    }
    struct stat facts {};
    if (::lstat(folder.c_str(), &facts) != 0) {
        return system_error(fmt::format("cannot look at {}", folder), errno);
    }
    if (!S_ISDIR(facts.st_mode) || facts.st_uid != ::geteuid() || (facts.st_mode & 022) != 0) {
        return Error{fmt::format("{} is not a folder of yours alone", folder),
                     "remove it, or name another one by RMGUEST_RUNTIME_DIR"};
    }
    return Done{};
}

Outcome check_guest_name(std::string_view name) {
    if (name.empty() || name.size() > longest_name || name.front() == '.' ||
        !std::ranges::all_of(name, is_name_character)) {
        return Error{fmt::format("a guest can't be named '{}'", name),
                     "give 1 to 64 letters, digits and . _ -"};
    }
    return Done{};
}

std::string guest_name_of_image(const std::string& image) {
    std::string name = std::filesystem::path(image).stem().string().substr(0, longest_name - 8);
    std::ranges::replace_if(
        name, [](char character) { return !is_name_character(character); }, '_');
    return name.empty() || name.front() == '.' ? "guest" : name;
}

std::string socket_path(const std::string& folder, const std::string& name) {
    return fmt::format("{}/{}.sock", folder, name);
}

}  // namespace rmguest
