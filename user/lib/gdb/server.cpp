// SPDX-License-Identifier: GPL-2.0-only
#include "server.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>

#include "connection.hpp"

namespace rmguest {
namespace {

std::string describe(const GdbAddress& address) {
    return fmt::format("{}.{}.{}.{}:{}", address.host >> 24, address.host >> 16 & 0xff,
                       address.host >> 8 & 0xff, address.host & 0xff, address.port);
}

sockaddr_in socket_address(const GdbAddress& address) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(address.port);
    place.sin_addr.s_addr = htonl(address.host);
    return place;
}

}  // namespace

Result<GdbAddress> parse_gdb_address(std::string_view text) {
    GdbAddress address{.host = INADDR_LOOPBACK, .port = 0};
    std::string_view port = text;
    bool is_good = true;
    if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
        in_addr host{};
        is_good = ::inet_pton(AF_INET, std::string(text.substr(0, colon)).c_str(), &host) == 1;
        address.host = ntohl(host.s_addr);
        port = text.substr(colon + 1);
    }
    const char* end = port.data() + port.size();
    const auto [rest, status] = std::from_chars(port.data(), end, address.port);
    if (!is_good || status != std::errc{} || rest != end) {
        return Error{fmt::format("'{}' is no address for gdb", text),
                     "give a port from 0 to 65535 (0: any that is free), or IPV4:PORT"};
    }
    return address;
}

Result<GdbServer> GdbServer::listen(const GdbAddress& address) {
    FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in place = socket_address(address);
    socklen_t length = sizeof(place);
    const int on = 1;
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        ::bind(socket.get(), reinterpret_cast<sockaddr*>(&place), length) != 0 ||
        ::listen(socket.get(), 1) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&place), &length) != 0) {
        return system_error(fmt::format("cannot listen at {}", describe(address)), errno,
                            "give another port; 0 takes any that is free");
    }
    const GdbAddress bound{address.host, ntohs(place.sin_port)};
    return GdbServer(std::move(socket), describe(bound));
}

void GdbServer::serve(LiveTarget& target, GuestRun& guest,
                      const std::function<void(const std::string&)>& say) {
    say(fmt::format("the guest waits for gdb: target remote {}", name_));
    while (!guest.has_ended()) {
        if (guest.wait_for({socket_.get()}) < 0) {
            return;
        }
        FileDescriptor client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!client) {
            continue;
        }
        target.hold();
        GdbConnection connection(std::move(client), target, [&guest](int descriptor) {
            return guest.wait_for({descriptor}) >= 0;
        });
        switch (connection.serve()) {
            case GdbConnection::End::over: return;
            case GdbConnection::End::killed: guest.quit(); return;
            case GdbConnection::End::lost:
                if (!guest.has_ended()) {
                    say("gdb has gone; the guest waits for another one");
                }
                break;
            case GdbConnection::End::detached:
                if (!guest.has_ended() && !target.detach()) {
                    guest.quit();
                }
                break;
        }
    }
}

}  // namespace rmguest
