// SPDX-License-Identifier: GPL-2.0-only
#include "unix_socket.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace rmguest {
namespace {

constexpr std::size_t longest_line = 1u << 20;
constexpr int waiting_clients = 16;

// 0, or an errno.
int fill_address(sockaddr_un& address, const std::string& path) {
    address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return ENAMETOOLONG;
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return 0;
}

FileDescriptor new_socket() {
    return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

int bind_and_listen(const FileDescriptor& socket, const sockaddr_un& address) {
    // The file gets its mode from the umask at bind().
    const mode_t former = ::umask(0177);
    const int bound =
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    const int error_number = bound == 0 ? 0 : errno;
    ::umask(former);
    if (error_number != 0) {
        return error_number;
    }
    return ::listen(socket.get(), waiting_clients) == 0 ? 0 : errno;
}

}  // namespace

Listening listen_at(const std::string& folder, const std::string& path) {
    // Nobody else may look between our look and our bind().
    const FileDescriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock || ::flock(lock.get(), LOCK_EX) != 0) {
        return {{}, errno};
    }
    sockaddr_un address{};
    if (const int wrong = fill_address(address, path)) {
        return {{}, wrong};
    }
    FileDescriptor socket = new_socket();
    int error_number = bind_and_listen(socket, address);
    if (error_number == EADDRINUSE && connect_to(path).error_number == ECONNREFUSED) {
        ::unlink(path.c_str());
        error_number = bind_and_listen(socket, address);
    }
    return error_number == 0 ? Listening{std::move(socket), 0} : Listening{{}, error_number};
}

Listening connect_to(const std::string& path) {
    sockaddr_un address{};
    if (const int wrong = fill_address(address, path)) {
        return {{}, wrong};
    }
    FileDescriptor socket = new_socket();
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
        0) {
        return {{}, errno};
    }
    return {std::move(socket), 0};
}

void set_patience(const FileDescriptor& socket, int seconds) {
    const timeval limit{.tv_sec = seconds, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

Result<std::string> read_line(const FileDescriptor& socket) {
    std::string line;
    std::array<char, 4096> part{};
    while (line.size() < longest_line) {
        const ssize_t count = ::recv(socket.get(), part.data(), part.size(), 0);
        if (count < 0) {
            return errno == EAGAIN || errno == EWOULDBLOCK ? Error{"no answer in time", {}}
                                                           : system_error("cannot read", errno);
        }
        if (count == 0) {
            return Error{"the other end went away", {}};
        }
        line.append(part.data(), static_cast<std::size_t>(count));
        if (const auto end = line.find('\n'); end != std::string::npos) {
            line.resize(end);
            return line;
        }
    }
    return Error{"a line without end", {}};
}

Outcome write_line(const FileDescriptor& socket, const std::string& line) {
    std::string text = line + '\n';
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t count =
            ::send(socket.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count < 0) {
            return system_error("cannot write", errno);
        }
        sent += static_cast<std::size_t>(count);
    }
    return Done{};
}

bool is_of_owner(const FileDescriptor& socket) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == 0 || peer.uid == ::geteuid());
}

}  // namespace rmguest
