// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <poll.h>

#include <thread>

#include "lib/debug/debug_gate.hpp"

namespace rmguest {
namespace {

constexpr std::uint64_t dr6_step = 0xffff4ff0, dr6_first = 0xffff0ff1;

kvm_run debug_exit(std::uint64_t dr6) {
    kvm_run page{};
    page.exit_reason = KVM_EXIT_DEBUG;
    page.debug.arch.exception = 1;
    page.debug.arch.dr6 = dr6;
    return page;
}

bool is_readable(int descriptor) {
    pollfd place{.fd = descriptor, .events = POLLIN, .revents = 0};
    return ::poll(&place, 1, 0) == 1;
}

// A page of KVM_EXIT_IO with its data behind it.
struct IoExit {
    kvm_run page{};
    std::uint32_t data = 0;

    IoExit(std::uint16_t port, std::uint8_t size, std::uint32_t value) : data(value) {
        page.exit_reason = KVM_EXIT_IO;
        page.io.direction = KVM_EXIT_IO_OUT;
        page.io.port = port;
        page.io.size = size;
        page.io.count = 1;
        page.io.data_offset = offsetof(IoExit, data);
    }
};

TEST(DebugGate, NothingRunsAtFirst) {
    const DebugGate gate(2);
    EXPECT_EQ(gate.mode(0), RunMode::hold);
    EXPECT_EQ(gate.mode(1), RunMode::hold);
}

TEST(DebugGate, AStopHoldsAll) {
    DebugGate gate(2);
    gate.let({RunMode::run, RunMode::run});
    gate.note(1, debug_exit(dr6_first));
    EXPECT_EQ(gate.mode(0), RunMode::hold);
    EXPECT_TRUE(is_readable(gate.descriptor()));
    const auto stop = gate.take_stop();
    ASSERT_TRUE(stop);
    EXPECT_EQ(stop->cause, StopCause::breakpoint);
    EXPECT_EQ(stop->vcpu, 1u);
    EXPECT_EQ(stop->dr6, dr6_first);
    EXPECT_FALSE(gate.take_stop());
    EXPECT_FALSE(is_readable(gate.descriptor()));
}

TEST(DebugGate, TwoStopsAreBothKept) {
    DebugGate gate(2);
    gate.let({RunMode::run, RunMode::run});
    gate.note(1, debug_exit(dr6_first));
    gate.note(0, debug_exit(dr6_first));
    EXPECT_EQ(gate.take_stop()->vcpu, 1u);
    EXPECT_EQ(gate.take_stop()->vcpu, 0u);
}

TEST(DebugGate, StepsAndTheGuestsOwnTrapFlag) {
    DebugGate gate(1);
    gate.let({RunMode::step});
    gate.note(0, debug_exit(dr6_step));
    EXPECT_EQ(gate.take_stop()->cause, StopCause::step);
    gate.let({RunMode::run});
    gate.note(0, debug_exit(dr6_step));
    EXPECT_EQ(gate.take_stop()->cause, StopCause::breakpoint);
    gate.let({RunMode::step});
    gate.note(0, debug_exit(dr6_step | 1));
    EXPECT_EQ(gate.take_stop()->cause, StopCause::breakpoint);
}

TEST(DebugGate, AStepThatIsFinishedOutsideOfTheGuest) {
    DebugGate gate(1);
    gate.let({RunMode::run});
    gate.finish_step(0);
    EXPECT_FALSE(gate.take_stop());
    gate.let({RunMode::step});
    gate.finish_step(0);
    gate.finish_step(0);
    EXPECT_EQ(gate.take_stop()->cause, StopCause::step);
    EXPECT_FALSE(gate.take_stop());
}

TEST(DebugGate, StaleStepsAreForgotten) {
    DebugGate gate(1);
    gate.watched_ports().insert(0x80);
    gate.let({RunMode::step});
    const IoExit out(0x80, 1, 0x41);
    gate.note(0, out.page);
    gate.note(0, debug_exit(dr6_step));  // of the same instruction
    EXPECT_EQ(gate.take_stop()->cause, StopCause::port);
    gate.forget_steps();
    EXPECT_FALSE(gate.take_stop());
}

TEST(DebugGate, WatchedPorts) {
    DebugGate gate(1);
    gate.watched_ports() = {0x80, 0x3f8};
    gate.let({RunMode::run});
    const IoExit other(0x81, 1, 1);
    gate.note(0, other.page);
    EXPECT_FALSE(gate.take_stop());
    const IoExit wide(0x3f7, 2, 0x1234);  // reaches 3F8h
    gate.note(0, wide.page);
    const auto stop = gate.take_stop();
    ASSERT_TRUE(stop);
    EXPECT_EQ(stop->cause, StopCause::port);
    EXPECT_EQ(stop->access->port->value, 0x1234u);
    EXPECT_EQ(gate.exits().total(), 2u);
}

TEST(DebugGate, AVcpuWaitsUntilItIsLet) {
    DebugGate gate(1);
    std::atomic<int> rounds{0};
    std::atomic<bool> has_ended{false};
    std::thread vcpu([&] {
        while (!has_ended) {
            gate.park(0, [&] { return has_ended.load(); });
            ++rounds;
            gate.hold_all();
        }
    });
    for (int round = 0; round < 20; ++round) {
        while (!gate.is_parked(0)) {
            std::this_thread::yield();
        }
        EXPECT_EQ(rounds, round);
        gate.let({RunMode::run});
    }
    has_ended = true;
    vcpu.join();
}

TEST(DebugGate, Moved) {
    DebugGate gate(2);
    EXPECT_FALSE(gate.take_moved(1));
    gate.set_moved(1);
    EXPECT_FALSE(gate.take_moved(0));
    EXPECT_TRUE(gate.take_moved(1));
    EXPECT_FALSE(gate.take_moved(1));
}

TEST(ExitLog, KeepsTheLast) {
    ExitLog log;
    for (int index = 0; index < 2000; ++index) {
        log.add({.reason = KVM_EXIT_HLT});
    }
    EXPECT_EQ(log.total(), 2000u);
    const auto last = log.last(3, false);
    ASSERT_EQ(last.size(), 3u);
    EXPECT_EQ(last.front().number, 1998u);
    EXPECT_TRUE(log.last(3, true).empty());
    EXPECT_LE(log.last(5000, false).size(), 2000u);
}

}  // namespace
}  // namespace rmguest
