// SPDX-License-Identifier: GPL-2.0-only
#include "stub.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "answers.hpp"
#include "packet.hpp"

namespace rmguest {
namespace {

using gdb::bad;
using gdb::good;
using gdb::single;

// What follows `prefix`, where `text` begins with it.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) ? std::optional{text.substr(prefix.size())} : std::nullopt;
}

}  // namespace

GdbStub::GdbStub(DebugTarget& target, Interrupter interrupter)
    : target_(target), interrupter_(std::move(interrupter)), monitor_(target, {}) {
    target_.breakpoints().clear();
}

GdbAnswer GdbStub::handle(std::string_view packet) {
    const char kind = packet.empty() ? '\0' : packet.front();
    const std::string_view rest = packet.empty() ? packet : packet.substr(1);
    switch (kind) {
        case '?': return single(last_stop_);
        case 'g': return single(read_registers());
        case 'G': return single(write_registers(rest));
        case 'p': return single(read_register(rest));
        case 'P': return single(write_register(rest));
        case 'm': return single(read_memory(rest));
        case 'M': return single(write_memory(rest, false));
        case 'X': return single(write_memory(rest, true));
        case 'Z': return single(insert(rest));
        case 'z': return single(remove(rest));
        case 'H': return single(choose_thread(rest));
        case 'T': return single(vcpu_of(rest) ? good : bad);
        case 'c':
        case 'C':
        case 's':
        case 'S': return resume(packet);
        case 'q': return single(answer_query(rest));
        case 'Q': return answer_set(rest);
        case 'v': return answer_v(rest);
        case 'D': return {.packets = {good}, .then = GdbAnswer::Then::detach};
        case 'k': return {.then = GdbAnswer::Then::kill};
        default: return single("");  // GDB takes that for "not supported"
    }
}

std::string GdbStub::answer_query(std::string_view query) {
    if (after(query, "Supported")) {
        return fmt::format(
            "PacketSize={:x};qXfer:features:read+;QStartNoAckMode+;swbreak+;hwbreak+;"
            "vContSupported+",
            largest_gdb_packet);
    }
    if (const auto range = after(query, "Xfer:features:read:target.xml:")) {
        return answer_features(*range);
    }
    if (query == "fThreadInfo") {
        return answer_threads();
    }
    if (query == "sThreadInfo") {
        return "l";
    }
    if (const auto thread = after(query, "ThreadExtraInfo,")) {
        const auto vcpu = vcpu_of(*thread);
        return vcpu ? text_to_hex(fmt::format("vCPU {}", *vcpu)) : bad;
    }
    if (query == "C") {
        return fmt::format("QC{:x}", vcpu_ + 1);
    }
    if (after(query, "Attached")) {
        return "1";  // at the end GDB detaches, and does not kill
    }
    if (after(query, "Symbol:")) {
        return good;
    }
    if (const auto command = after(query, "Rcmd,")) {
        return run_command(*command);
    }
    return "";
}

// "OFFSET,LENGTH"
std::string GdbStub::answer_features(std::string_view range) const {
    const auto comma = std::min(range.find(','), range.size());
    const auto offset = parse_gdb_number(range.substr(0, comma));
    const auto length = parse_gdb_number(range.substr(std::min(comma + 1, range.size())));
    if (!offset || !length) {
        return bad;
    }
    const std::string text = gdb_target_description();
    if (*offset >= text.size()) {
        return "l";
    }
    const std::size_t count = std::min<std::size_t>(*length, largest_gdb_packet / 2);
    const std::string part = text.substr(*offset, count);
    return (*offset + part.size() < text.size() ? "m" : "l") + part;
}

std::string GdbStub::answer_threads() const {
    std::string list = "m";
    for (std::uint32_t vcpu = 0; vcpu < target_.vcpu_count(); ++vcpu) {
        list += fmt::format("{}{:x}", vcpu == 0 ? "" : ",", vcpu + 1);
    }
    return list;
}

// GDB's "monitor LINE".
std::string GdbStub::run_command(std::string_view hex) {
    const auto bytes = from_hex(hex);
    if (!bytes) {
        return bad;
    }
    const auto answer =
        monitor_.execute({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    const std::string text =
        answer ? *answer
               : answer.error().what + "\n" +
                     (answer.error().advice.empty() ? "" : "  " + answer.error().advice + "\n");
    // Each character takes two.
    return text.empty() ? good : text_to_hex(text.substr(0, largest_gdb_packet / 2 - 2));
}

GdbAnswer GdbStub::answer_set(std::string_view query) const {
    if (query == "StartNoAckMode") {
        return {.packets = {good}, .then = GdbAnswer::Then::no_acks};
    }
    return single("");
}

GdbAnswer GdbStub::answer_v(std::string_view packet) {
    if (packet == "Cont?") {
        return single("vCont;c;C;s;S");
    }
    if (const auto actions = after(packet, "Cont;")) {
        return resume_by_list(*actions);
    }
    if (after(packet, "Kill")) {
        return {.packets = {good}, .then = GdbAnswer::Then::kill};
    }
    return single("");
}

}  // namespace rmguest
