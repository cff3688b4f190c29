// SPDX-License-Identifier: GPL-2.0-only
//
// An 8250/16550A UART as far as a program that prints through it can see: the transmitter is always
// ready, nothing is ever received from outside, and there are no interrupts. Loopback works, since
// drivers use it to find out whether a UART is there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rmguest {

// Register offsets from the base port (National Semiconductor PC16550D data sheet).
enum class UartRegister : std::uint8_t {
    data = 0,                      // RBR, THR; divisor low byte while DLAB is set
    interrupt_enable = 1,          // divisor high byte while DLAB is set
    interrupt_identification = 2,  // FIFO control when written
    line_control = 3,
    modem_control = 4,
    line_status = 5,
    modem_status = 6,
    scratch = 7,
};

class Uart {
public:
    static constexpr std::uint16_t register_count = 8;

    // Adds to `output` what the guest transmits.
    void write(UartRegister where, std::uint8_t value, std::string& output);
    [[nodiscard]] std::uint8_t read(UartRegister where);

private:
    [[nodiscard]] bool divisor_latch() const;
    [[nodiscard]] bool loopback() const;
    void write_data(std::uint8_t value, std::string& output);
    [[nodiscard]] std::uint8_t read_data();
    [[nodiscard]] std::uint8_t line_status() const;
    [[nodiscard]] std::uint8_t modem_status() const;

    std::uint16_t divisor_ = 12;  // 9600 baud
    std::uint8_t interrupt_enable_ = 0;
    std::uint8_t line_control_ = 0;
    std::uint8_t modem_control_ = 0;
    std::uint8_t scratch_ = 0;
    bool fifo_enabled_ = false;
    std::optional<std::uint8_t> looped_;  // sent in loopback, not read yet
};

}  // namespace rmguest
