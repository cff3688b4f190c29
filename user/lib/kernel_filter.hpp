// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "error.hpp"

namespace rmguest {

// Has the module keep only records that the expression accepts (debugfs filter) as long as this
// lives, then what it was before.
class KernelFilter {
public:
    // An empty expression changes nothing.
    [[nodiscard]] static Result<KernelFilter> set(const std::string& debugfs,
                                                  const std::string& expression);
    KernelFilter(KernelFilter&& other) noexcept;
    KernelFilter& operator=(KernelFilter&&) = delete;
    ~KernelFilter();

private:
    KernelFilter(std::string path, std::string former)
        : path_(std::move(path)), former_(std::move(former)) {}

    std::string path_;  // "" if there is nothing to put back
    std::string former_;
};

}  // namespace rmguest
