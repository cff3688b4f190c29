// SPDX-License-Identifier: GPL-2.0-only
//
// Where running guests have their control sockets.
#pragma once

#include <string>
#include <string_view>

#include "error.hpp"

namespace rmguest {

// RMGUEST_RUNTIME_DIR; else /run/rmguest for root, and rmguest in XDG_RUNTIME_DIR or
// /tmp/rmguest-UID for others.
[[nodiscard]] std::string runtime_folder();

// Makes it if it is not there. It must be a folder of ours that nobody else can write to.
[[nodiscard]] Outcome make_runtime_folder(const std::string& folder);

// 1 to 64 letters, digits and . _ -, not beginning with a dot.
[[nodiscard]] Outcome check_guest_name(std::string_view name);

// A good name made of the file name of an image.
[[nodiscard]] std::string guest_name_of_image(const std::string& image);

[[nodiscard]] std::string socket_path(const std::string& folder, const std::string& name);

}  // namespace rmguest
