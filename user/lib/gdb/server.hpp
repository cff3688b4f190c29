// SPDX-License-Identifier: GPL-2.0-only
//
// The TCP port at which GDB finds a guest.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lib/debug/live_target.hpp"
#include "lib/error.hpp"
#include "lib/file_descriptor.hpp"

namespace rmguest {

struct GdbAddress {
    std::uint32_t host;  // IPv4, in the order of this machine
    std::uint16_t port;  // 0 for any that is free
};

// "PORT", which is on 127.0.0.1, or "IPV4:PORT".
[[nodiscard]] Result<GdbAddress> parse_gdb_address(std::string_view text);

class GdbServer {
public:
    [[nodiscard]] static Result<GdbServer> listen(const GdbAddress& address);

    // "127.0.0.1:1234"
    [[nodiscard]] const std::string& name() const { return name_; }

    // Serves one GDB after the other until the guest has ended and nobody looks at it any more.
    // The guest is stopped at first, and whenever a GDB comes; what is to be said to the user goes
    // to `say`.
    void serve(LiveTarget& target, GuestRun& guest,
               const std::function<void(const std::string&)>& say);

private:
    GdbServer(FileDescriptor socket, std::string name)
        : socket_(std::move(socket)), name_(std::move(name)) {}

    FileDescriptor socket_;
    std::string name_;
};

}  // namespace rmguest
