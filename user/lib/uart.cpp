// SPDX-License-Identifier: GPL-2.0-only
#include "uart.hpp"

#include <utility>

namespace rmguest {
namespace {

// Bits under their names in the PC16550D data sheet.
constexpr std::uint8_t lcr_divisor_latch_access = 0x80;
constexpr std::uint8_t fcr_fifo_enable = 0x01;
constexpr std::uint8_t ier_defined = 0x0f;
constexpr std::uint8_t iir_none_pending = 0x01;
constexpr std::uint8_t iir_fifos_enabled = 0xc0;
constexpr std::uint8_t mcr_defined = 0x1f;
constexpr std::uint8_t mcr_dtr = 0x01;
constexpr std::uint8_t mcr_rts = 0x02;
constexpr std::uint8_t mcr_out1 = 0x04;
constexpr std::uint8_t mcr_out2 = 0x08;
constexpr std::uint8_t mcr_loop = 0x10;
constexpr std::uint8_t lsr_data_ready = 0x01;
constexpr std::uint8_t lsr_transmitter_empty = 0x60;  // THRE and TEMT
constexpr std::uint8_t msr_cts = 0x10;
constexpr std::uint8_t msr_dsr = 0x20;
constexpr std::uint8_t msr_ri = 0x40;
constexpr std::uint8_t msr_dcd = 0x80;

}  // namespace

bool Uart::divisor_latch() const { return (line_control_ & lcr_divisor_latch_access) != 0; }

bool Uart::loopback() const { return (modem_control_ & mcr_loop) != 0; }

void Uart::write_data(std::uint8_t value, std::string& output) {
    if (divisor_latch()) {
        divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff00) | value);
    } else if (loopback()) {
        looped_ = value;
    } else {
        output.push_back(static_cast<char>(value));
    }
}

std::uint8_t Uart::read_data() {
    if (divisor_latch()) {
        return static_cast<std::uint8_t>(divisor_ & 0xff);
    }
    return std::exchange(looped_, std::nullopt).value_or(0);
}

std::uint8_t Uart::line_status() const {
    return looped_ ? lsr_transmitter_empty | lsr_data_ready : lsr_transmitter_empty;
}

std::uint8_t Uart::modem_status() const {
    if (!loopback()) {
        return msr_cts | msr_dsr | msr_dcd;
    }
    const auto wire = [this](std::uint8_t from, std::uint8_t to) {
        return (modem_control_ & from) != 0 ? to : std::uint8_t{0};
    };
    return static_cast<std::uint8_t>(wire(mcr_rts, msr_cts) | wire(mcr_dtr, msr_dsr) |
                                     wire(mcr_out1, msr_ri) | wire(mcr_out2, msr_dcd));
}

void Uart::write(UartRegister where, std::uint8_t value, std::string& output) {
    switch (where) {
        case UartRegister::data: write_data(value, output); return;
        case UartRegister::interrupt_enable:
            if (divisor_latch()) {
                divisor_ = static_cast<std::uint16_t>((divisor_ & 0x00ff) | (value << 8));
            } else {
                interrupt_enable_ = value & ier_defined;
            }
            return;
        case UartRegister::interrupt_identification:
            fifo_enabled_ = (value & fcr_fifo_enable) != 0;
            return;
        case UartRegister::line_control: line_control_ = value; return;
        case UartRegister::modem_control: modem_control_ = value & mcr_defined; return;
        case UartRegister::line_status:
        case UartRegister::modem_status: return;  // read-only
        case UartRegister::scratch: scratch_ = value; return;
    }
}

std::uint8_t Uart::read(UartRegister where) {
    switch (where) {
        case UartRegister::data: return read_data();
        case UartRegister::interrupt_enable:
            return divisor_latch() ? static_cast<std::uint8_t>(divisor_ >> 8) : interrupt_enable_;
        case UartRegister::interrupt_identification:
            return fifo_enabled_ ? iir_none_pending | iir_fifos_enabled : iir_none_pending;
        case UartRegister::line_control: return line_control_;
        case UartRegister::modem_control: return modem_control_;
        case UartRegister::line_status: return line_status();
        case UartRegister::modem_status: return modem_status();
        case UartRegister::scratch: return scratch_;
    }
    return 0xff;
}

}  // namespace rmguest
