// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <linux/kvm.h>

#include "fake_target.hpp"
#include "lib/debug/monitor.hpp"

namespace rmguest {
namespace {

class MonitorTest : public testing::Test {
protected:
    // nop; call 7c06; hlt; (7c05:) nop; ret
    FakeTarget target_{{0x90, 0xe8, 0x02, 0x00, 0xf4, 0x90, 0x90, 0xc3}};
    Monitor monitor_{target_, Interrupter{-1, [] { return false; }}};

    std::string say(std::string_view line) {
        const auto answer = monitor_.execute(line);
        return answer ? *answer : "error: " + answer.error().what;
    }
    void says(std::string_view line, const char* text) {
        const std::string answer = say(line);
        EXPECT_NE(answer.find(text), std::string::npos) << line << ": " << answer;
    }
    [[nodiscard]] std::uint64_t rip() { return target_.at(0).registers.rip; }
};

TEST_F(MonitorTest, TellsWhereTheGuestIs) {
    const std::string text = monitor_.describe_stop({.cause = StopCause::start});
    EXPECT_NE(text.find("first instruction"), std::string::npos);
    EXPECT_NE(text.find("0000:7c00  90"), std::string::npos) << text;
}

TEST_F(MonitorTest, Steps) {
    says("step", "0000:7c01");
    EXPECT_EQ(rip(), 0x7c01u);
    says("", "");  // again
    EXPECT_EQ(rip(), 0x7c04u);
    says("s 3", "halted");
    says("s", "error: the guest has ended");
    says("regs", "EIP=00007c04");
}

TEST_F(MonitorTest, StepsOverACall) {
    (void)say("s");
    says("next", "0000:7c04");  // the fake's CALL is followed by what is behind it
    EXPECT_EQ(target_.runs.back(), std::vector{RunMode::run});
    EXPECT_TRUE(target_.breakpoints().entries().empty());
}

TEST_F(MonitorTest, NextWaitsForItsOwnStackFrame) {
    (void)say("s");
    target_.at(0).registers.rsp = 0x7000;
    // The first time deeper in the stack, as a function does that calls itself.
    int meetings = 0;
    Monitor monitor(target_, Interrupter{-1, [&] { return ++meetings > 100; }});
    target_.planned.push_back({});
    target_.planned.back().cause = StopCause::breakpoint;
    target_.planned.back().breakpoint = {1, {BreakKind::execute, 0x7c04}};
    target_.at(0).registers.rsp = 0x7000;
    ASSERT_TRUE(monitor.execute("n").ok());
    EXPECT_EQ(target_.runs.size(), 2u);
}

TEST_F(MonitorTest, Breakpoints) {
    says("break 0:7c04", "breakpoint 1 at 0x7c04");
    says("w 500 2", "watchpoint 2 at 0x500");
    says("port 3f8", "port 3f8h");
    says("breaks", "2: write 0x500, 2 bytes");
    says("c", "breakpoint 1, 0x7c04");
    says("del 1", "deleted");
    says("del 3f8", "deleted");
    says("del 7", "error: there is no breakpoint");
    says("port 10000", "error: there is no port");
    says("delete", "all deleted");
    says("bl", "there are none");
}

TEST_F(MonitorTest, UntilLeavesNothingBehind) {
    says("until 7c04", "0000:7c04");
    EXPECT_TRUE(target_.breakpoints().entries().empty());
}

TEST_F(MonitorTest, Memory) {
    says("edit 500 12 \"ab c\" 34", "6 bytes at 0x500");
    says("dump 500 8", "12 61 62 20 63 34 00 00");
    says("d 500", ".ab c4..");
    says("d", "00000580");  // goes on
    says("search 0 1000 \"b c\"", "00000502  62 20 63");
    says("search 0 1000 ff", "not found");
    says("edit ffff 1 2", "error: there is no memory at 0x10000");
    EXPECT_EQ(target_.memory()[0xffff], 0);
    says("edit 500 100", "error: 100 is no byte");
    says("edit 500 \"ab", "error: a text has no end");
    says("d 20000", "error: there is no memory");
    says("stack 2", "0000:7002  0000");
}

TEST_F(MonitorTest, Disassembly) {
    target_.set_symbols({{{0x7c00, "start"}}, 0x100});
    says("b start+4", "breakpoint 1");
    says("u cs:ip 3", "> 0000:7c00 <start>  90");
    says("u start+1 1", "call 0x7c06");
    says("u", "* 0000:7c04 <start+0x4>");
}

TEST_F(MonitorTest, Registers) {
    says("set ax 1234", "ax = 1234");
    EXPECT_EQ(target_.at(0).registers.rax, 0x1234u);
    says("set ds cs+1000", "ds = 1000");
    EXPECT_EQ(target_.at(0).system.ds.base, 0x10000u);
    says("set axx 1", "error: there is no register 'axx'");
    says("r", "EAX=00001234");
}

TEST_F(MonitorTest, ExitsAndPorts) {
    target_.log().add({.reason = KVM_EXIT_HLT});
    target_.log().add({.reason = KVM_EXIT_IO, .port = PortAccess{0x3f8, 1, true, 1, 0x41}});
    target_.log().add({.reason = KVM_EXIT_IO, .port = PortAccess{0x60, 2, false, 4, 0x1234}});
    says("exits", "1 vcpu0 HLT");
    says("ports", "2 vcpu0 out port 3f8h, 1 byte: 41\n");
    says("ports 1", "in port 60h, 2 bytes: 1234 and 3 more");
    EXPECT_EQ(say("ports 1").find("out"), std::string::npos);
}

TEST_F(MonitorTest, BadLines) {
    says("stpe", "error: there is no command 'stpe'");
    says("break", "error: 'break' takes other words");
    says("break 1 2", "error: 'break' takes other words");
    says("step x!", "error: 'x!' is no number");
    says("vcpu 1", "error: the guest has no vCPU 1");
    EXPECT_EQ(say("# nothing"), "");
    EXPECT_EQ(say(""), "");
    EXPECT_EQ(rip(), FakeTarget::start);
}

TEST_F(MonitorTest, QuitAndHelp) {
    for (const std::string& name : Monitor::command_names()) {
        says("help", name.c_str());
    }
    EXPECT_FALSE(monitor_.has_quit());
    (void)say("q");
    EXPECT_TRUE(monitor_.has_quit());
}

// As GDB's "monitor" uses it.
TEST_F(MonitorTest, WithoutAnInterrupterNothingRuns) {
    Monitor monitor(target_, {});
    for (const char* line : {"step", "c", "next", "until 7c04", "quit"}) {
        EXPECT_FALSE(monitor.execute(line).ok()) << line;
    }
    EXPECT_TRUE(monitor.execute("regs").ok());
    EXPECT_TRUE(target_.runs.empty());
}

TEST_F(MonitorTest, TheVcpuThatStopsIsShown) {
    FakeTarget two({0x90, 0xf4}, 2);
    Monitor monitor(two, Interrupter{-1, [] { return false; }});
    two.at(1).registers.rip = 0x7c01;
    two.planned.push_back({.cause = StopCause::breakpoint, .vcpu = 1});
    const auto answer = monitor.execute("c");
    ASSERT_TRUE(answer.ok());
    EXPECT_NE(answer->find("vCPU 1: "), std::string::npos);
    EXPECT_NE(answer->find("0000:7c01"), std::string::npos);
    EXPECT_EQ(two.runs.back(), (std::vector{RunMode::run, RunMode::run}));
    ASSERT_TRUE(monitor.execute("s").ok());
    EXPECT_EQ(two.runs.back(), (std::vector{RunMode::hold, RunMode::step}));
}

}  // namespace
}  // namespace rmguest
