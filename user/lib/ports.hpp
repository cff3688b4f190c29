// SPDX-License-Identifier: GPL-2.0-only
//
// The I/O ports that a guest sees. Every device is 8 bits wide: a wider access is split into bytes
// at consecutive ports, as the bus of a PC does. Where nothing answers, IN gives all ones and OUT
// is lost; both are counted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "uart.hpp"

namespace rmguest {

enum class Port : std::uint16_t {
    post_code = 0x80,     // kept for the summary
    debug_output = 0xe9,  // as in Bochs: OUT prints, IN gives E9h
    exit_status = 0xf4,   // OUT ends the run; the value is rmguest's exit status
    uart = 0x3f8,         // 8 ports
};

class Ports {
public:
    // `size` is 1, 2 or 4 bytes, `value` has that many.
    void out(std::uint16_t port, unsigned size, std::uint32_t value);
    [[nodiscard]] std::uint32_t in(std::uint16_t port, unsigned size);

    // What was printed since the last call.
    [[nodiscard]] std::string take_output();

    // Set once the guest has written to the exit port; the first write counts.
    [[nodiscard]] std::optional<std::uint8_t> exit_status() const { return exit_status_; }
    [[nodiscard]] std::optional<std::uint8_t> post_code() const { return post_code_; }

    // Accesses to ports at which nothing is, by port.
    [[nodiscard]] const std::map<std::uint16_t, std::uint64_t>& unknown() const { return unknown_; }

private:
    [[nodiscard]] bool out_byte(std::uint16_t port, std::uint8_t value);
    [[nodiscard]] std::optional<std::uint8_t> in_byte(std::uint16_t port);

    Uart uart_;
    std::string output_;
    std::optional<std::uint8_t> exit_status_;
    std::optional<std::uint8_t> post_code_;
    std::map<std::uint16_t, std::uint64_t> unknown_;
};

}  // namespace rmguest
