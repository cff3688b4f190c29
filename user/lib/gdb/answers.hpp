// SPDX-License-Identifier: GPL-2.0-only
//
// What GDB is often answered. After E comes an errno in hex.
#pragma once

#include <string>
#include <utility>

#include "stub.hpp"

namespace rmguest::gdb {

inline constexpr const char* good = "OK";
inline constexpr const char* refused = "E01";    // EPERM
inline constexpr const char* no_memory = "E0e";  // EFAULT
inline constexpr const char* bad = "E16";        // EINVAL
inline constexpr const char* no_space = "E1c";   // ENOSPC

inline GdbAnswer single(std::string text) { return {.packets = {std::move(text)}}; }

}  // namespace rmguest::gdb
