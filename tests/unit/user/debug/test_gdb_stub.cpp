// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <fmt/core.h>
#include <random>

#include "fake_target.hpp"
#include "lib/gdb/packet.hpp"
#include "lib/gdb/server.hpp"
#include "lib/gdb/stub.hpp"

namespace rmguest {
namespace {

class GdbStubTest : public testing::Test {
protected:
    FakeTarget target_{{0x90, 0x90, 0x90, 0x90, 0xf4}, 2};
    GdbStub stub_{target_, Interrupter{-1, [this] { return interrupts_; }}};
    bool interrupts_ = false;

    std::string ask(std::string_view packet) {
        const GdbAnswer answer = stub_.handle(packet);
        return answer.packets.empty() ? "(none)" : answer.packets.back();
    }
};

TEST_F(GdbStubTest, SaysWhatItCan) {
    EXPECT_NE(ask("qSupported:multiprocess+;swbreak+").find("PacketSize=4000"), std::string::npos);
    EXPECT_EQ(ask("vCont?"), "vCont;c;C;s;S");
    EXPECT_EQ(ask("?"), "T05thread:1;");
    EXPECT_EQ(ask("vMustReplyEmpty"), "");
    EXPECT_EQ(ask("R00"), "");
    EXPECT_EQ(ask(""), "");
    EXPECT_EQ(ask("qAttached"), "1");
    EXPECT_EQ(stub_.handle("QStartNoAckMode").then, GdbAnswer::Then::no_acks);
    EXPECT_EQ(stub_.handle("D").then, GdbAnswer::Then::detach);
    EXPECT_EQ(stub_.handle("k").then, GdbAnswer::Then::kill);
    EXPECT_EQ(stub_.handle("vKill;1").then, GdbAnswer::Then::kill);
}

TEST_F(GdbStubTest, DescribesItsRegisters) {
    std::string text;
    for (std::size_t offset = 0;; offset += 100) {
        const std::string part =
            ask("qXfer:features:read:target.xml:" + fmt::format("{:x},64", offset));
        text += part.substr(1);
        if (part.front() == 'l') {
            break;
        }
        ASSERT_EQ(part.front(), 'm');
        ASSERT_EQ(part.size(), 101u);
    }
    EXPECT_EQ(text, gdb_target_description());
    EXPECT_NE(text.find("<architecture>i8086"), std::string::npos);
    EXPECT_EQ(ask("qXfer:features:read:target.xml:0"), "E16");
    EXPECT_EQ(ask("qXfer:features:read:other.xml:0,10"), "");
}

TEST_F(GdbStubTest, Registers) {
    VcpuState& state = target_.at(0);
    state.registers.rax = 0x12345678;
    state.system.cs.selector = 0x7c0;
    state.system.cs.base = 0x7c00;
    state.registers.rip = 0x10;
    std::size_t bytes = 0;
    for (std::size_t number = 0; number < gdb_register_count(); ++number) {
        bytes += gdb_register_size(number);
    }
    const std::string all = ask("g");
    EXPECT_EQ(all.size(), bytes * 2);
    EXPECT_EQ(all.substr(0, 8), "78563412");
    // eip is CS.base + IP.
    EXPECT_EQ(ask("p8"), "107c0000");
    EXPECT_EQ(ask("P8=207c0000"), "OK");
    EXPECT_EQ(state.registers.rip, 0x20u);
    EXPECT_EQ(ask("P8=00000200"), "E01");  // out of CS's reach
    EXPECT_EQ(ask("Pa=00100000"), "OK");   // CS
    EXPECT_EQ(state.system.cs.base, 0x10000u);
    EXPECT_EQ(ask("pff"), "E16");
    EXPECT_EQ(ask("P0=12"), "E16");
    EXPECT_EQ(ask("P0"), "E16");
}

TEST_F(GdbStubTest, AllRegistersAtOnce) {
    target_.at(0).registers.rip = 0x7c02;
    target_.at(0).registers.rbx = 77;
    std::string all = ask("g");
    target_.at(0).registers.rbx = 0;
    target_.at(0).registers.rip = 0;
    EXPECT_EQ(ask("G" + all), "OK");
    EXPECT_EQ(target_.at(0).registers.rbx, 77u);
    EXPECT_EQ(target_.at(0).registers.rip, 0x7c02u);
    // CS, which eip depends on, comes after it.
    const std::size_t cs = 10 * 8;
    all.replace(cs, 8, "c0070000");
    EXPECT_EQ(ask("G" + all), "OK");
    EXPECT_EQ(target_.at(0).system.cs.base, 0x7c00u);
    EXPECT_EQ(target_.at(0).registers.rip, 2u);
    EXPECT_EQ(ask("G" + all + "00"), "E16");
    EXPECT_EQ(ask("G" + all.substr(2)), "E16");
    EXPECT_EQ(ask("G"), "E16");
}

TEST_F(GdbStubTest, Memory) {
    EXPECT_EQ(ask("m7c00,5"), "90909090f4");
    EXPECT_EQ(ask("M500,2:abcd"), "OK");
    EXPECT_EQ(ask(std::string("X502,2:\0z", 9)), "OK");
    EXPECT_EQ(ask("m500,4"), "abcd007a");
    EXPECT_EQ(ask("mfffe,10"), "0000");  // as far as there is some
    EXPECT_EQ(ask("m10000,1"), "E0e");
    EXPECT_EQ(ask("Mffff,2:0102"), "E0e");
    EXPECT_EQ(target_.memory()[0xffff], 0);
    for (const char* bad :
         {"m", "m0", "m0,", "m,1", "mx,1", "M0,1", "M0,1:", "M0,2:00", "X0,1:", "m0,1:"}) {
        EXPECT_EQ(ask(bad), "E16") << bad;
    }
    EXPECT_EQ(ask("m0,ffffffffffffffff").size(), largest_gdb_packet);
}

TEST_F(GdbStubTest, BreakpointsAreDebugRegisters) {
    EXPECT_EQ(ask("Z0,7c02,1"), "OK");
    EXPECT_EQ(ask("Z0,7c02,1"), "OK");
    EXPECT_EQ(ask("Z1,7c02,1"), "OK");
    EXPECT_EQ(target_.breakpoints().entries().size(), 1u);
    EXPECT_EQ(ask("c"), "T05swbreak:;thread:1;");
    EXPECT_EQ(ask("z0,7c02,1"), "OK");
    EXPECT_EQ(target_.breakpoints().entries().size(), 1u);  // Z1 is still there
    EXPECT_EQ(ask("z1,7c02,1"), "OK");
    EXPECT_TRUE(target_.breakpoints().entries().empty());
    EXPECT_EQ(ask("Z2,500,10"), "OK");
    EXPECT_EQ(ask("Z1,7c00,1"), "E1c");
    for (const char* bad : {"Z", "Z0", "Z0,", "Z0,1", "Z5,1,1", "z9,1,1", "Zx,1,1"}) {
        EXPECT_EQ(ask(bad), "E16") << bad;
    }
}

TEST_F(GdbStubTest, Watchpoints) {
    ASSERT_EQ(ask("Z3,500,4"), "OK");
    target_.planned.push_back(
        {StopCause::breakpoint, 1, target_.breakpoints().entries().front(), {}});
    EXPECT_EQ(ask("vCont;c"), "T05rwatch:500;thread:2;");
    EXPECT_EQ(ask("qC"), "QC2");
    EXPECT_EQ(ask("?"), "T05rwatch:500;thread:2;");
}

TEST_F(GdbStubTest, Steps) {
    EXPECT_EQ(ask("vCont;s:1;c"), "T05thread:1;");
    EXPECT_EQ(target_.runs.back(), (std::vector{RunMode::step, RunMode::run}));
    EXPECT_EQ(ask("s"), "T05thread:1;");
    EXPECT_EQ(target_.runs.back(), (std::vector{RunMode::step, RunMode::hold}));
    EXPECT_EQ(target_.at(0).registers.rip, 0x7c02u);
    EXPECT_EQ(ask("s7c01"), "T05thread:1;");
    EXPECT_EQ(target_.at(0).registers.rip, 0x7c02u);
    EXPECT_EQ(ask("vCont;s:2"), "T05thread:2;");
    EXPECT_EQ(target_.runs.back(), (std::vector{RunMode::hold, RunMode::step}));
    const std::size_t before = target_.runs.size();
    for (const char* bad : {"vCont;", "vCont;r1,2", "vCont;c:9", "vCont;c:x", "vCont;t", "sx"}) {
        EXPECT_EQ(ask(bad), "E16") << bad;
    }
    EXPECT_EQ(target_.runs.size(), before);
}

TEST_F(GdbStubTest, ControlC) {
    interrupts_ = true;
    EXPECT_EQ(ask("c"), "T02thread:1;");
}

TEST_F(GdbStubTest, AGuestThatHalts) {
    EXPECT_EQ(ask("C05"), "W00");
    EXPECT_EQ(ask("c"), "W00");
    EXPECT_EQ(ask("?"), "W00");
}

TEST_F(GdbStubTest, AGuestThatFailsCanBeLookedAt) {
    target_.planned.push_back({.cause = StopCause::ended, .vcpu = 1});
    target_.set_end({.end = RunEnd::shutdown, .status = 126, .vcpu = 1});
    target_.runs.clear();
    const GdbAnswer answer = stub_.handle("c");
    // The fake has ended already.
    ASSERT_EQ(answer.packets.size(), 2u);
    EXPECT_EQ(answer.packets[0], "O" + text_to_hex("it fell over\n"));
    EXPECT_EQ(answer.packets[1], "T0bthread:1;");
    EXPECT_NE(ask("g"), "E01");
    EXPECT_EQ(ask("c"), "X0b");
}

TEST_F(GdbStubTest, Threads) {
    EXPECT_EQ(ask("qfThreadInfo"), "m1,2");
    EXPECT_EQ(ask("qsThreadInfo"), "l");
    EXPECT_EQ(ask("qThreadExtraInfo,2"), text_to_hex("vCPU 1"));
    EXPECT_EQ(ask("T2"), "OK");
    EXPECT_EQ(ask("T3"), "E16");
    target_.at(1).registers.rax = 5;
    EXPECT_EQ(ask("Hg2"), "OK");
    EXPECT_EQ(ask("p0"), "05000000");
    EXPECT_EQ(ask("Hg0"), "OK");
    EXPECT_EQ(ask("Hc-1"), "OK");
    EXPECT_EQ(ask("Hg9"), "E16");
    EXPECT_EQ(ask("H"), "E16");
}

TEST_F(GdbStubTest, MonitorCommands) {
    EXPECT_EQ(ask("qRcmd," + text_to_hex("set bx 7")), text_to_hex("bx = 7\n"));
    EXPECT_EQ(target_.at(0).registers.rbx, 7u);
    EXPECT_EQ(ask("qRcmd," + text_to_hex("# nothing")), "OK");
    EXPECT_NE(ask("qRcmd," + text_to_hex("step")), "OK");
    EXPECT_TRUE(target_.runs.empty());
    EXPECT_EQ(ask("qRcmd,6"), "E16");
}

TEST_F(GdbStubTest, FpuRegisters) {
    EXPECT_EQ(ask("P18=7f030000"), "OK");
    EXPECT_EQ(target_.fpu(0)->fcw, 0x37f);
    EXPECT_EQ(ask("P10=0102030405060708090a"), "OK");
    EXPECT_EQ(ask("p10"), "0102030405060708090a");
    EXPECT_EQ(ask("P1a=fcff0000"), "OK");  // one register in use
    EXPECT_EQ(target_.fpu(0)->ftwx, 1);
    EXPECT_EQ(ask("p1a"), "fcff0000");
}

TEST_F(GdbStubTest, AnythingAtAll) {
    std::mt19937 random(2);
    constexpr std::string_view letters = "?gGpPmMXZzHTcCsSqQvD,;:=#0123456789abcdef-";
    const std::vector<std::string> beginnings = {"qXfer:features:read:target.xml:",
                                                 "qRcmd,",
                                                 "vCont;",
                                                 "Z0,",
                                                 "z2,",
                                                 "qThreadExtraInfo,",
                                                 "X0,",
                                                 "M0,",
                                                 "P",
                                                 "G",
                                                 "H",
                                                 "",
                                                 ""};
    for (int round = 0; round < 20'000; ++round) {
        std::string packet = beginnings[random() % beginnings.size()];
        for (unsigned count = random() % 12; count > 0; --count) {
            packet += random() % 8 == 0 ? static_cast<char>(random())
                                        : letters[random() % letters.size()];
        }
        (void)stub_.handle(packet);
    }
}

TEST(GdbAddress, PortsAndHosts) {
    EXPECT_EQ(parse_gdb_address("1234")->host, 0x7f000001u);
    EXPECT_EQ(parse_gdb_address("1234")->port, 1234);
    EXPECT_EQ(parse_gdb_address("0.0.0.0:0")->host, 0u);
    for (const char* text : {"", ":1", "65536", "-1", "x", "1.2.3:4", "localhost:1", "1234 "}) {
        EXPECT_FALSE(parse_gdb_address(text).ok()) << text;
    }
}

}  // namespace
}  // namespace rmguest
