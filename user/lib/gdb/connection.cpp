// SPDX-License-Identifier: GPL-2.0-only
#include "connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>

namespace rmguest {

GdbConnection::GdbConnection(FileDescriptor socket, DebugTarget& target,
                             std::function<bool(int)> wait)
    : socket_(std::move(socket)),
      wait_(std::move(wait)),
      stub_(target, Interrupter{socket_.get(), [this] { return look(); }}) {
    const int on = 1;
    // It has no meaning for other sockets, and is no must.
    (void)::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    // One that does not take its answers is lost.
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

GdbConnection::End GdbConnection::serve() {
    while (const auto event = next_event()) {
        if (const auto end = serve_event(*event)) {
            return *end;
        }
    }
    return is_over_ ? End::over : End::lost;
}

std::optional<GdbEvent> GdbConnection::next_event() {
    for (;;) {
        if (!waiting_.empty()) {
            GdbEvent event = std::move(waiting_.front());
            waiting_.pop_front();
            return event;
        }
        if (is_lost_) {
            return std::nullopt;
        }
        if (!wait_(socket_.get())) {
            is_over_ = true;
            return std::nullopt;
        }
        receive();
    }
}

std::optional<GdbConnection::End> GdbConnection::serve_event(const GdbEvent& event) {
    switch (event.kind) {
        case GdbEvent::Kind::interrupt: return std::nullopt;  // the guest is stopped
        case GdbEvent::Kind::nack: send(last_sent_); return std::nullopt;
        case GdbEvent::Kind::damaged: send("-"); return std::nullopt;
        case GdbEvent::Kind::packet: break;
    }
    if (acknowledges_) {
        send("+");
    }
    const GdbAnswer answer = stub_.handle(event.data);
    for (const std::string& packet : answer.packets) {
        last_sent_ = gdb_packet(packet);
        send(last_sent_);
    }
    switch (answer.then) {
        case GdbAnswer::Then::go_on: return std::nullopt;
        case GdbAnswer::Then::no_acks: acknowledges_ = false; return std::nullopt;
        case GdbAnswer::Then::detach: return End::detached;
        case GdbAnswer::Then::kill: return End::killed;
    }
    return std::nullopt;
}

bool GdbConnection::look() {
    receive();
    bool is_meant = is_lost_;
    while (!waiting_.empty() && waiting_.front().kind != GdbEvent::Kind::packet) {
        is_meant = is_meant || waiting_.front().kind == GdbEvent::Kind::interrupt;
        waiting_.pop_front();
    }
    // A packet comes in the middle of a run only from one that has given up waiting.
    return is_meant || !waiting_.empty();
}

void GdbConnection::receive() {
    std::array<char, 4096> bytes{};
    const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) {
        return;
    }
    is_lost_ = is_lost_ || count <= 0;
    if (count > 0) {
        reader_.feed({bytes.data(), static_cast<std::size_t>(count)});
    }
    while (auto event = reader_.next()) {
        waiting_.push_back(*std::move(event));
    }
}

void GdbConnection::send(std::string_view bytes) {
    while (!bytes.empty() && !is_lost_) {
        const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        is_lost_ = count <= 0;
        bytes.remove_prefix(is_lost_ ? bytes.size() : static_cast<std::size_t>(count));
    }
}

}  // namespace rmguest
