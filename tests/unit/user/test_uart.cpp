// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/uart.hpp"

namespace rmguest {
namespace {

constexpr std::uint8_t divisor_latch = 0x80;
constexpr std::uint8_t loop = 0x10;

class UartTest : public testing::Test {
protected:
    void write(UartRegister where, unsigned value) {
        uart.write(where, static_cast<std::uint8_t>(value), output);
    }
    unsigned read(UartRegister where) { return uart.read(where); }

    Uart uart;
    std::string output;
};

TEST_F(UartTest, DataIsPrinted) {
    write(UartRegister::data, 'h');
    write(UartRegister::data, 0xff);
    EXPECT_EQ(output, "h\xff");
}

TEST_F(UartTest, TransmitterIsAlwaysReadyAndNothingComesIn) {
    EXPECT_EQ(read(UartRegister::line_status), 0x60u);
    write(UartRegister::data, 'x');
    EXPECT_EQ(read(UartRegister::line_status), 0x60u);
    EXPECT_EQ(read(UartRegister::data), 0u);
}

TEST_F(UartTest, DivisorIsNotPrinted) {
    write(UartRegister::line_control, divisor_latch | 3);
    write(UartRegister::data, 0x34);
    write(UartRegister::interrupt_enable, 0x12);
    EXPECT_EQ(read(UartRegister::data), 0x34u);
    EXPECT_EQ(read(UartRegister::interrupt_enable), 0x12u);
    write(UartRegister::line_control, 3);
    EXPECT_EQ(read(UartRegister::interrupt_enable), 0u);
    EXPECT_EQ(output, "");
    write(UartRegister::data, 'a');
    EXPECT_EQ(output, "a");
}

TEST_F(UartTest, RegistersKeepWhatTheyHold) {
    write(UartRegister::scratch, 0xa5);
    write(UartRegister::line_control, 0x1b);
    write(UartRegister::modem_control, 0xff);
    write(UartRegister::interrupt_enable, 0xff);
    EXPECT_EQ(read(UartRegister::scratch), 0xa5u);
    EXPECT_EQ(read(UartRegister::line_control), 0x1bu);
    EXPECT_EQ(read(UartRegister::modem_control), 0x1fu);
    EXPECT_EQ(read(UartRegister::interrupt_enable), 0x0fu);
}

TEST_F(UartTest, StatusRegistersCanNotBeWritten) {
    write(UartRegister::line_status, 0);
    write(UartRegister::modem_status, 0);
    EXPECT_EQ(read(UartRegister::line_status), 0x60u);
    EXPECT_EQ(read(UartRegister::modem_status), 0xb0u);
}

TEST_F(UartTest, FifosShowInTheIdentification) {
    EXPECT_EQ(read(UartRegister::interrupt_identification), 0x01u);
    write(UartRegister::interrupt_identification, 0x07);
    EXPECT_EQ(read(UartRegister::interrupt_identification), 0xc1u);
}

TEST_F(UartTest, LoopbackGivesTheByteBackOnce) {
    write(UartRegister::modem_control, loop);
    write(UartRegister::data, 0xae);
    EXPECT_EQ(read(UartRegister::line_status), 0x61u);
    EXPECT_EQ(read(UartRegister::data), 0xaeu);
    EXPECT_EQ(read(UartRegister::line_status), 0x60u);
    EXPECT_EQ(output, "");
}

TEST_F(UartTest, LoopbackWiresModemLines) {
    struct Wire {
        unsigned control;
        unsigned status;
    };
    // DTR-DSR, RTS-CTS, OUT1-RI, OUT2-DCD.
    for (const Wire wire : {Wire{1, 0x20}, Wire{2, 0x10}, Wire{4, 0x40}, Wire{8, 0x80}}) {
        write(UartRegister::modem_control, loop | wire.control);
        EXPECT_EQ(read(UartRegister::modem_status), wire.status);
    }
}

}  // namespace
}  // namespace rmguest
