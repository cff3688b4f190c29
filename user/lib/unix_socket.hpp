// SPDX-License-Identifier: GPL-2.0-only
//
// Unix stream sockets that carry one line each way.
#pragma once

#include <string>

#include "error.hpp"
#include "file_descriptor.hpp"

namespace rmguest {

// A socket that listens at `path`, for its owner alone. One that nobody listens at any more is
// replaced. The error's number is EADDRINUSE when somebody listens there.
struct Listening {
    FileDescriptor socket;
    int error_number = 0;
};
[[nodiscard]] Listening listen_at(const std::string& folder, const std::string& path);

// Connected; or an error number: ECONNREFUSED and ENOENT say that nobody listens there.
[[nodiscard]] Listening connect_to(const std::string& path);

// Waits `seconds` at most for each read and write.
void set_patience(const FileDescriptor& socket, int seconds);

// Up to the first newline, which is left away. Nothing else is read.
[[nodiscard]] Result<std::string> read_line(const FileDescriptor& socket);
// Adds a newline.
[[nodiscard]] Outcome write_line(const FileDescriptor& socket, const std::string& line);

// Whether the other end runs as our user, or as root.
[[nodiscard]] bool is_of_owner(const FileDescriptor& socket);

}  // namespace rmguest
