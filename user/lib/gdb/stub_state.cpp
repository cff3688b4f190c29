// SPDX-License-Identifier: GPL-2.0-only
//
// GDB reads and writes registers and memory.
#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "answers.hpp"
#include "lib/emulator/fetch.hpp"
#include "packet.hpp"
#include "stub.hpp"

namespace rmguest {
namespace {

using gdb::bad;
using gdb::good;
using gdb::no_memory;
using gdb::refused;

struct Range {
    std::uint64_t address;
    std::uint64_t length;
};

// "ADDRESS,LENGTH"
std::optional<Range> parse_range(std::string_view text) {
    const auto comma = text.find(',');
    if (comma == std::string_view::npos) {
        return std::nullopt;
    }
    const auto address = parse_gdb_number(text.substr(0, comma));
    const auto length = parse_gdb_number(text.substr(comma + 1));
    return address && length ? std::optional{Range{*address, *length}} : std::nullopt;
}

bool differ(const auto& left, const auto& right) {
    return std::memcmp(&left, &right, sizeof(left)) != 0;
}

}  // namespace

Result<GdbRegisters> GdbStub::registers(std::uint32_t vcpu) {
    const auto state = target_.state(vcpu);
    if (!state) {
        return state.error();
    }
    const auto fpu = target_.fpu(vcpu);
    if (!fpu) {
        return fpu.error();
    }
    return GdbRegisters{*state, *fpu};
}

Outcome GdbStub::set_registers(std::uint32_t vcpu, const GdbRegisters& old,
                               const GdbRegisters& now) {
    if (differ(old.state, now.state)) {
        if (const auto set = target_.set_state(vcpu, now.state); !set) {
            return set;
        }
    }
    return differ(old.fpu, now.fpu) ? target_.set_fpu(vcpu, now.fpu) : Outcome(Done{});
}

std::string GdbStub::read_registers() {
    const auto all = registers(vcpu_);
    if (!all) {
        return refused;
    }
    std::string text;
    for (std::size_t number = 0; number < gdb_register_count(); ++number) {
        text += to_hex(read_gdb_register(*all, number));
    }
    return text;
}

// What differs from before. eip comes last, since its meaning depends on CS.
std::string GdbStub::write_registers(std::string_view hex) {
    const auto bytes = from_hex(hex);
    const auto old = registers(vcpu_);
    if (!bytes || !old) {
        return bad;
    }
    GdbRegisters now = *old;
    constexpr std::size_t program_counter = 8;
    std::span<const std::uint8_t> counter;
    std::span<const std::uint8_t> rest(*bytes);
    for (std::size_t number = 0; number < gdb_register_count(); ++number) {
        const std::size_t size = gdb_register_size(number);
        if (rest.size() < size) {
            return bad;
        }
        const bool is_new = !std::ranges::equal(rest.first(size), read_gdb_register(*old, number));
        if (number == program_counter) {
            counter = rest.first(size);
        } else if (is_new && !write_gdb_register(now, number, rest.first(size))) {
            return refused;
        }
        rest = rest.subspan(size);
    }
    if (!rest.empty()) {
        return bad;
    }
    const auto written = write_gdb_register(now, program_counter, counter);
    return written && set_registers(vcpu_, *old, now) ? good : refused;
}

std::string GdbStub::read_register(std::string_view number) {
    const auto which = parse_gdb_number(number);
    const auto all = registers(vcpu_);
    if (!which || *which >= gdb_register_count() || !all) {
        return bad;
    }
    return to_hex(read_gdb_register(*all, *which));
}

// "NUMBER=VALUE"
std::string GdbStub::write_register(std::string_view assignment) {
    const auto equals = std::min(assignment.find('='), assignment.size());
    const auto which = parse_gdb_number(assignment.substr(0, equals));
    const auto bytes = from_hex(assignment.substr(std::min(equals + 1, assignment.size())));
    const auto old = registers(vcpu_);
    if (!which || *which >= gdb_register_count() || !bytes || !old ||
        bytes->size() != gdb_register_size(*which)) {
        return bad;
    }
    GdbRegisters now = *old;
    const auto written = write_gdb_register(now, *which, *bytes);
    return written && set_registers(vcpu_, *old, now) ? good : refused;
}

// As much of it as there is.
std::string GdbStub::read_memory(std::string_view range) {
    const auto wanted = parse_range(range);
    const auto state = target_.state(vcpu_);
    if (!wanted || !state) {
        return bad;
    }
    std::vector<std::uint8_t> bytes(
        std::min<std::uint64_t>(wanted->length, largest_gdb_packet / 2));
    bytes.resize(peek(*state, target_.bus(), wanted->address, bytes));
    return bytes.empty() && wanted->length != 0 ? no_memory : to_hex(bytes);
}

// "ADDRESS,LENGTH:DATA": all of it, or nothing.
std::string GdbStub::write_memory(std::string_view what, bool is_binary) {
    const auto colon = std::min(what.find(':'), what.size());
    const auto range = parse_range(what.substr(0, colon));
    const std::string_view data = what.substr(std::min(colon + 1, what.size()));
    const auto bytes = is_binary
                           ? std::optional{std::vector<std::uint8_t>(data.begin(), data.end())}
                           : from_hex(data);
    const auto state = target_.state(vcpu_);
    if (!range || !bytes || bytes->size() != range->length || !state) {
        return bad;
    }
    std::vector<std::uint8_t> old(bytes->size());
    if (peek(*state, target_.bus(), range->address, old) < old.size()) {
        return no_memory;
    }
    return poke(*state, target_.bus(), range->address, *bytes) == bytes->size() ? good : no_memory;
}

}  // namespace rmguest
