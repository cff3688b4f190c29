// SPDX-License-Identifier: GPL-2.0-only
#include "ports.hpp"

#include <utility>

namespace rmguest {
namespace {

std::optional<UartRegister> uart_register(std::uint16_t port) {
    const int offset = port - static_cast<int>(Port::uart);
    if (offset < 0 || offset >= Uart::register_count) {
        return std::nullopt;
    }
    return static_cast<UartRegister>(offset);
}

// The port of byte `index` of an access; the port space wraps at 64 KiB.
std::uint16_t port_at(std::uint16_t port, unsigned index) {
    return static_cast<std::uint16_t>(port + index);
}

}  // namespace

bool Ports::out_byte(std::uint16_t port, std::uint8_t value) {
    if (const auto where = uart_register(port)) {
        uart_.write(*where, value, output_);
        return true;
    }
    switch (static_cast<Port>(port)) {
        case Port::post_code: post_code_ = value; return true;
        case Port::debug_output: output_.push_back(static_cast<char>(value)); return true;
        case Port::exit_status:
            if (!exit_status_) {
                exit_status_ = value;
            }
            return true;
        case Port::uart: break;
    }
    return false;
}

std::optional<std::uint8_t> Ports::in_byte(std::uint16_t port) {
    if (const auto where = uart_register(port)) {
        return uart_.read(*where);
    }
    switch (static_cast<Port>(port)) {
        case Port::post_code: return post_code_.value_or(0xff);
        case Port::debug_output: return std::uint8_t{0xe9};
        case Port::exit_status:
        case Port::uart: break;
    }
    return std::nullopt;
}

void Ports::out(std::uint16_t port, unsigned size, std::uint32_t value) {
    bool answered = false;
    for (unsigned index = 0; index < size; ++index) {
        const auto byte = static_cast<std::uint8_t>((value >> (8 * index)) & 0xff);
        answered = out_byte(port_at(port, index), byte) || answered;
    }
    if (!answered) {
        ++unknown_[port];
    }
}

std::uint32_t Ports::in(std::uint16_t port, unsigned size) {
    bool answered = false;
    std::uint32_t value = 0;
    for (unsigned index = 0; index < size; ++index) {
        const auto byte = in_byte(port_at(port, index));
        answered = answered || byte.has_value();
        value |= static_cast<std::uint32_t>(byte.value_or(0xff)) << (8 * index);
    }
    if (!answered) {
        ++unknown_[port];
    }
    return value;
}

std::string Ports::take_output() { return std::exchange(output_, {}); }

}  // namespace rmguest
