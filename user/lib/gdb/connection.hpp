// SPDX-License-Identifier: GPL-2.0-only
//
// One GDB at the other end of a socket.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "lib/file_descriptor.hpp"
#include "packet.hpp"
#include "stub.hpp"

namespace rmguest {

class GdbConnection {
public:
    enum class End { lost, detached, killed, over };

    // `wait` blocks until the descriptor is readable, or says that there is nothing to wait for.
    GdbConnection(FileDescriptor socket, DebugTarget& target, std::function<bool(int)> wait);

    // Serves it until one of these.
    [[nodiscard]] End serve();

private:
    [[nodiscard]] std::optional<GdbEvent> next_event();
    [[nodiscard]] std::optional<End> serve_event(const GdbEvent& event);
    // Whether something is to be done about what came while the guest ran.
    [[nodiscard]] bool look();
    void receive();
    void send(std::string_view bytes);

    FileDescriptor socket_;
    std::function<bool(int)> wait_;
    GdbPacketReader reader_;
    std::deque<GdbEvent> waiting_;
    GdbStub stub_;
    std::string last_sent_;
    bool acknowledges_ = true;
    bool is_lost_ = false;
    bool is_over_ = false;
};

}  // namespace rmguest
