// SPDX-License-Identifier: GPL-2.0-only
// GDB's side of the wire, any bytes: packets are taken apart, answered, and every answer can be
// framed and read again.
#include <cstdlib>
#include <string>

#include "input.hpp"
#include "lib/gdb/packet.hpp"
#include "lib/gdb/stub.hpp"
#include "targets.hpp"
#include "user/debug/fake_target.hpp"

namespace {

using namespace rmguest;

void check_framing(const std::string& answer) {
    if (answer.size() > largest_gdb_packet) return;
    GdbPacketReader reader;
    reader.feed(gdb_packet(answer));
    const auto event = reader.next();
    if (!event || event->kind != GdbEvent::Kind::packet || event->data != answer) std::abort();
}

}  // namespace

// Packets: a length and so many bytes each, framed right; or, by the first byte, a raw stream.
void fuzz::gdb(std::span<const std::uint8_t> bytes) {
    fuzz::Input input{bytes};
    FakeTarget target{{0x90, 0x90, 0x90, 0xf4}, 2};
    GdbStub stub{target, {}};
    GdbPacketReader reader;
    const bool is_raw = input.flip();
    for (unsigned packets = 0; packets < 40 && !input.is_empty(); ++packets) {
        std::string data(input.pick(64), '\0');
        input.take_bytes(data.data(), data.size());
        reader.feed(is_raw ? data : gdb_packet(data));
        while (const auto event = reader.next()) {
            if (event->kind != GdbEvent::Kind::packet) continue;
            const GdbAnswer answer = stub.handle(event->data);
            for (const std::string& packet : answer.packets) check_framing(packet);
            if (answer.then == GdbAnswer::Then::detach || answer.then == GdbAnswer::Then::kill)
                return;
        }
    }
}
