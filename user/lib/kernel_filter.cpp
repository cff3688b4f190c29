// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_filter.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <utility>

#include "file_descriptor.hpp"
#include "read_file.hpp"

namespace rmguest {
namespace {

// 0, or an errno.
int write_filter(const std::string& path, const std::string& expression) {
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    const std::string line = expression + "\n";
    if (!file || ::write(file.get(), line.data(), line.size()) < 0) {
        return errno;
    }
    return 0;
}

// What the module said about the last one, which stands in the file after the one in force: the
// expression, and where it went wrong.
std::string explanation(const std::string& path) {
    const auto bytes = read_file(path);
    std::string text = bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
    const auto end_of_first = text.find('\n');
    text.erase(0, end_of_first == std::string::npos ? end_of_first : end_of_first + 1);
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    // The mark stands below its character: each line is shown with the same indent.
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', end + 1)) {
        text.insert(end + 1, "  ");
    }
    return text;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Result<KernelFilter> KernelFilter::set(const std::string& debugfs, const std::string& expression) {
    if (expression.empty()) {
        return KernelFilter({}, {});
    }
    const std::string path = debugfs + "/filter";
    const auto former = read_file(path);
    if (!former) {
        return Error{former.error().what, "this module has no filter, or debugfs is not yours"};
    }
    std::string old = first_line({former->begin(), former->end()});
    if (const int error_number = write_filter(path, expression)) {
        return system_error(fmt::format("the module refuses the filter '{}'", expression),
                            error_number, explanation(path));
    }
    return KernelFilter(path, old.empty() || old == "none" ? "0" : old);
}

KernelFilter::KernelFilter(KernelFilter&& other) noexcept
    : path_(std::exchange(other.path_, "")), former_(std::move(other.former_)) {}

KernelFilter::~KernelFilter() {
    if (!path_.empty()) {
        (void)write_filter(path_, former_);
    }
}

}  // namespace rmguest
