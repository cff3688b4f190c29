// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fake_guest.hpp"

namespace rmguest {
namespace {

using Log = std::vector<FakeBus::DeviceAccess>;
constexpr std::uint64_t window = FakeBus::window;

enum class Mode { real, protected16, protected32, long64 };

VcpuState state_in(Mode mode, FakeBus& bus) {
    switch (mode) {
        case Mode::real: return real_mode();
        case Mode::protected16: return protected_mode(false);
        case Mode::protected32: return protected_mode(true);
        case Mode::long64: return long_mode(bus);
    }
    return real_mode();
}

// One instruction with B8000h in ES and DS (real mode) or RBX = B8000h (elsewhere); RSI = 10h,
// RDI = 20h above it. The device holds 88776655_44332211h at 0, 10h and 20h.
struct Case {
    const char* name;
    Mode mode;
    Code code;
    std::uint64_t rax;  // before
    std::uint64_t rcx;
    std::uint64_t wanted_rax;
    Log log;
};

class Table : public testing::TestWithParam<Case> {};

TEST_P(Table, Completes) {
    const Case& test = GetParam();
    FakeBus bus;
    VcpuState state = state_in(test.mode, bus);
    for (const unsigned offset : {0, 0x10, 0x20}) {
        bus.put(window + offset, 8, 0x8877665544332211);
    }
    const bool is_real = test.mode == Mode::real;
    if (is_real) {
        state.system.ds = state.system.es = real_segment(0xb800);
    }
    state.registers.rbx = is_real ? 0 : window;
    state.registers.rsi = state.registers.rbx + 0x10;
    state.registers.rdi = state.registers.rbx + 0x20;
    state.registers.rax = test.rax;
    state.registers.rcx = test.rcx;
    const auto result = emulate(state, bus, {.bytes = test.code, .physical = window});
    ASSERT_EQ(result.end, EmulationEnd::completed) << (result.error ? result.error->what : "");
    EXPECT_EQ(state.registers.rip, 0x7c00 + test.code.size());
    EXPECT_EQ(state.registers.rax, test.wanted_rax);
    EXPECT_EQ(bus.log, test.log);
}

constexpr std::uint64_t ones = ~std::uint64_t{0};

const Case cases[] = {
    // 16-bit code
    {"MovAlOffset",
     Mode::real,
     {0xa0, 0x00, 0x00},
     ones,
     0,
     0xffffffffffffff11,
     {{false, window, 1, 0x11}}},
    {"MovAxMem",
     Mode::real,
     {0x8b, 0x07},
     ones,
     0,
     0xffffffffffff2211,
     {{false, window, 2, 0x2211}}},
    {"MovEaxMemPrefix66",
     Mode::real,
     {0x66, 0x8b, 0x07},
     ones,
     0,
     0x44332211,
     {{false, window, 4, 0x44332211}}},
    {"MovAhMem", Mode::real, {0x8a, 0x27}, 0, 0, 0x1100, {{false, window, 1, 0x11}}},
    {"MovMemAh", Mode::real, {0x88, 0x27}, 0x1234, 0, 0x1234, {{true, window, 1, 0x12}}},
    {"MovMemImmediate", Mode::real, {0xc7, 0x07, 0x34, 0x12}, 0, 0, 0, {{true, window, 2, 0x1234}}},
    {"MovAddress32",
     Mode::real,
     {0x67, 0x8a, 0x43, 0x01},
     0,
     0,
     0x22,
     {{false, window + 1, 1, 0x22}}},
    {"EsOverride", Mode::real, {0x26, 0x8a, 0x07}, 0, 0, 0x11, {{false, window, 1, 0x11}}},
    {"MovzxSigned",
     Mode::real,
     {0x66, 0x0f, 0xbe, 0x47, 0x07},
     0,
     0,
     0xffffff88,
     {{false, window + 7, 1, 0x88}}},
    {"AddMem",
     Mode::real,
     {0x01, 0x07},
     0x1111,
     0,
     0x1111,
     {{false, window, 2, 0x2211}, {true, window, 2, 0x3322}}},
    {"XchgMem",
     Mode::real,
     {0x86, 0x07},
     0xaa,
     0,
     0x11,
     {{false, window, 1, 0x11}, {true, window, 1, 0xaa}}},
    {"Lodsw", Mode::real, {0xad}, 0, 0, 0x2211, {{false, window + 0x10, 2, 0x2211}}},
    {"Stosb", Mode::real, {0xaa}, 0x5a, 0, 0x5a, {{true, window + 0x20, 1, 0x5a}}},
    {"RepStosw",
     Mode::real,
     {0xf3, 0xab},
     0x0720,
     2,
     0x0720,
     {{true, window + 0x20, 2, 0x0720}, {true, window + 0x22, 2, 0x0720}}},
    {"RepneBeforeStosIsRep",
     Mode::real,
     {0xf2, 0xaa},
     1,
     2,
     1,
     {{true, window + 0x20, 1, 1}, {true, window + 0x21, 1, 1}}},
    {"RepeCmpsbStopsAtTheEnd",
     Mode::real,
     {0xf3, 0xa6},
     0,
     1,
     0,
     {{false, window + 0x10, 1, 0x11}, {false, window + 0x20, 1, 0x11}}},
    {"RepneScasbFinds",
     Mode::real,
     {0xf2, 0xae},
     0x22,
     8,
     0x22,
     {{false, window + 0x20, 1, 0x11}, {false, window + 0x21, 1, 0x22}}},
    // 16-bit protected mode: the same sizes, flat segments, 32-bit addresses by prefix
    {"Protected16",
     Mode::protected16,
     {0x67, 0x66, 0x8b, 0x03},
     ones,
     0,
     0x44332211,
     {{false, window, 4, 0x44332211}}},
    // 32-bit code
    {"MovEax32",
     Mode::protected32,
     {0x8b, 0x03},
     ones,
     0,
     0x44332211,
     {{false, window, 4, 0x44332211}}},
    {"MovAx32",
     Mode::protected32,
     {0x66, 0x8b, 0x03},
     ones,
     0,
     0xffffffffffff2211,
     {{false, window, 2, 0x2211}}},
    {"MovMoffs32",
     Mode::protected32,
     {0xa1, 0x00, 0x80, 0x0b, 0x00},
     0,
     0,
     0x44332211,
     {{false, window, 4, 0x44332211}}},
    {"MovsdDeviceToDevice",
     Mode::protected32,
     {0xa5},
     0,
     0,
     0,
     {{false, window + 0x10, 4, 0x44332211}, {true, window + 0x20, 4, 0x44332211}}},
    {"TestMem32",
     Mode::protected32,
     {0xf7, 0x03, 0x01, 0, 0, 0},
     0,
     0,
     0,
     {{false, window, 4, 0x44332211}}},
    {"PushMem32", Mode::protected32, {0xff, 0x33}, 0, 0, 0, {{false, window, 4, 0x44332211}}},
    // 64-bit code
    {"MovRax",
     Mode::long64,
     {0x48, 0x8b, 0x03},
     0,
     0,
     0x8877665544332211,
     {{false, window, 8, 0x8877665544332211}}},
    {"MovEaxZeroExtends",
     Mode::long64,
     {0x8b, 0x03},
     ones,
     0,
     0x44332211,
     {{false, window, 4, 0x44332211}}},
    {"MovsxdRax",
     Mode::long64,
     {0x48, 0x63, 0x43, 0x04},
     0,
     0,
     0xffffffff88776655,
     {{false, window + 4, 4, 0x88776655}}},
    {"RepMovsq",
     Mode::long64,
     {0xf3, 0x48, 0xa5},
     0,
     1,
     0,
     {{false, window + 0x10, 8, 0x8877665544332211}, {true, window + 0x20, 8, 0x8877665544332211}}},
    {"XaddEax",
     Mode::long64,
     {0xf0, 0x0f, 0xc1, 0x03},
     1,
     0,
     0x44332211,
     {{false, window, 4, 0x44332211}, {true, window, 4, 0x44332212}}},
};

INSTANTIATE_TEST_SUITE_P(Emulator, Table, testing::ValuesIn(cases),
                         [](const auto& info) { return info.param.name; });

TEST(Emulator, ReadsTheInstructionItself) {
    FakeBus bus;
    VcpuState state = real_mode();
    state.system.ds = real_segment(0xb800);
    bus.put(window, 1, 0x41);
    bus.put(0x7c00, 2, 0x078a);  // mov al, [bx]
    EXPECT_EQ(emulate(state, bus, {}).end, EmulationEnd::completed);
    EXPECT_EQ(state.registers.rax, 0x41u);
}

TEST(Emulator, AnAccessAcrossTwoPagesIsTwo) {
    FakeBus bus;
    VcpuState state = protected_mode();
    state.registers.rbx = window + 0xffd;
    state.registers.rax = 0x44332211;
    EXPECT_EQ(emulate_code(state, bus, {0x89, 0x03}).end, EmulationEnd::completed);
    EXPECT_EQ(bus.log,
              (Log{{true, window + 0xffd, 3, 0x332211}, {true, window + 0x1000, 1, 0x44}}));
    EXPECT_EQ(emulate_code(state, bus, {0x8b, 0x0b}).end, EmulationEnd::completed);
    EXPECT_EQ(state.registers.rcx, 0x44332211u);
}

TEST(Emulator, HalfInMemory) {
    FakeBus bus;
    VcpuState state = protected_mode();
    state.registers.rbx = window - 2;
    state.registers.rax = 0x44332211;
    EXPECT_EQ(emulate_code(state, bus, {0x89, 0x03}).end, EmulationEnd::completed);
    EXPECT_EQ(bus.log, (Log{{true, window, 2, 0x4433}}));
    EXPECT_EQ(bus.get(window - 2, 2), 0x2211u);
}

TEST(Emulator, ALongRepeatPausesAndGoesOn) {
    FakeBus bus;
    VcpuState state = real_mode();
    state.system.es = real_segment(0xb800);
    state.registers.rcx = 0x10005;  // CX counts
    const Code code{0xf3, 0xaa};
    EXPECT_EQ(emulate(state, bus, {.bytes = code, .most_iterations = 3}).end, EmulationEnd::paused);
    EXPECT_EQ(state.registers.rcx, 0x10002u);
    EXPECT_EQ(state.registers.rdi, 3u);
    EXPECT_EQ(state.registers.rip, 0x7c00u);
    EXPECT_EQ(emulate(state, bus, {.bytes = code, .most_iterations = 3}).end,
              EmulationEnd::completed);
    EXPECT_EQ(state.registers.rcx, 0x10000u);
    EXPECT_EQ(bus.log.size(), 5u);
}

TEST(Emulator, DirectionFlagGoesDown) {
    FakeBus bus;
    VcpuState state = real_mode();
    state.system.es = real_segment(0xb800);
    state.registers.rdi = 0;
    state.registers.rflags |= rflags::direction;
    EXPECT_EQ(emulate_code(state, bus, {0xab}).end, EmulationEnd::completed);
    EXPECT_EQ(state.registers.rdi, 0xfffeu);
}

TEST(Emulator, TheSegmentLimitIsChecked) {
    FakeBus bus;
    VcpuState state = real_mode();
    state.registers.rbx = 0xffff;
    const auto real = emulate_code(state, bus, {0x8b, 0x07});  // mov ax, [bx]
    EXPECT_EQ(real.end, EmulationEnd::faulted);
    EXPECT_EQ(real.fault, (Fault{Vector::general_protection}));
    EXPECT_EQ(state.registers.rip, 0x7c00u);
    const auto stack = emulate_code(state, bus, {0x36, 0x8b, 0x07});
    EXPECT_EQ(stack.fault, (Fault{Vector::stack_fault}));
}

TEST(Emulator, ReadOnlyAndNullSegments) {
    FakeBus bus;
    VcpuState state = protected_mode();
    state.registers.rbx = window;
    state.system.ds.type = 1;  // read-only
    EXPECT_EQ(emulate_code(state, bus, {0x8b, 0x03}).end, EmulationEnd::completed);
    EXPECT_EQ(emulate_code(state, bus, {0x89, 0x03}).fault, (Fault{Vector::general_protection, 0}));
    state.system.ds.unusable = 1;
    EXPECT_EQ(emulate_code(state, bus, {0x8b, 0x03}).fault, (Fault{Vector::general_protection, 0}));
}

TEST(Emulator, APageFaultSaysWhere) {
    FakeBus bus;
    VcpuState state = long_mode(bus);
    bus.put(0x2000 + 8, 8, 0);  // the second gigabyte is gone
    bus.put(0x5000, 8, 0x1234);
    state.registers.rsi = window;
    state.registers.rdi = 0x4000'0123;
    const auto result = emulate_code(state, bus, {0xa4});  // movsb
    EXPECT_EQ(result.end, EmulationEnd::faulted);
    EXPECT_EQ(result.fault, (Fault{Vector::page_fault, 2, 0x4000'0123}));
    EXPECT_TRUE(bus.log.empty());  // the device is not read for a write that faults
    EXPECT_EQ(state.registers.rsi, window);
}

TEST(Emulator, ANonCanonicalAddress) {
    FakeBus bus;
    VcpuState state = long_mode(bus);
    state.registers.rbx = std::uint64_t{1} << 47;
    EXPECT_EQ(emulate_code(state, bus, {0x8b, 0x03}).fault, (Fault{Vector::general_protection, 0}));
}

TEST(Emulator, FsHasABaseInLongModeAndDsHasNot) {
    FakeBus bus;
    VcpuState state = long_mode(bus);
    state.system.fs.base = window;
    state.system.ds.base = 0x999;
    state.registers.rbx = 4;
    EXPECT_EQ(emulate_code(state, bus, {0x64, 0x8b, 0x03}).end, EmulationEnd::completed);
    EXPECT_EQ(bus.log, (Log{{false, window + 4, 4, 0}}));
    state.registers.rbx = window;
    EXPECT_EQ(emulate_code(state, bus, {0x8b, 0x03}).end, EmulationEnd::completed);
    EXPECT_EQ(bus.log.back(), (FakeBus::DeviceAccess{false, window, 4, 0}));
}

TEST(Emulator, DivisionByZero) {
    FakeBus bus;
    VcpuState state = real_mode();
    state.system.ds = real_segment(0xb800);
    EXPECT_EQ(emulate_code(state, bus, {0xf6, 0x37}).fault, (Fault{Vector::divide_error}));
}

TEST(Emulator, ASegmentRegisterInRealModeOnly) {
    FakeBus bus;
    VcpuState state = real_mode();
    state.system.ds = real_segment(0xb800);
    bus.put(window, 4, 0x1234'5678);
    EXPECT_EQ(emulate_code(state, bus, {0xc4, 0x07}).end, EmulationEnd::completed);  // les ax, [bx]
    EXPECT_EQ(state.system.es.base, 0x12340u);
    EXPECT_EQ(state.registers.rax, 0x5678u);
    VcpuState other = protected_mode();
    other.registers.rbx = window;
    EXPECT_EQ(emulate_code(other, bus, {0x8e, 0x03}).end, EmulationEnd::unsupported);
    EXPECT_EQ(other.registers.rip, 0x7c00u);
}

struct Refusal {
    const char* name;
    Code code;
    const char* says;
};

TEST(Emulator, WhatIsMissingIsNamedAndHasNoEffect) {
    const Refusal refusals[] = {
        {"sse", {0x0f, 0x10, 0x03}, "movups"},
        {"avx", {0xc5, 0xf8, 0x10, 0x03}, "vmovups"},
        {"x87", {0xd9, 0x03}, "fld"},
        {"sse movsd", {0xf2, 0x0f, 0x10, 0x03}, "movsd"},
        {"string output", {0x6e}, "outsb"},
        {"far call", {0xff, 0x1b}, "far branch"},
        {"no instruction", {0x0f, 0xff}, "no instruction"},
    };
    for (const Refusal& refusal : refusals) {
        FakeBus bus;
        VcpuState state = protected_mode();
        state.registers.rbx = state.registers.rsi = window;
        const auto result = emulate_code(state, bus, refusal.code);
        ASSERT_EQ(result.end, EmulationEnd::unsupported) << refusal.name;
        EXPECT_NE(result.error->what.find(refusal.says), std::string::npos) << result.error->what;
        EXPECT_TRUE(bus.log.empty()) << refusal.name;
        EXPECT_EQ(state.registers.rip, 0x7c00u) << refusal.name;
    }
}

TEST(Emulator, AnAccessThatIsNotTheInstructionsOwnIsRefused) {
    FakeBus bus;
    VcpuState state = real_mode();
    const Code code{0x8b, 0x07};
    const auto result = emulate(state, bus, {.bytes = code, .physical = window});
    EXPECT_EQ(result.end, EmulationEnd::unsupported);
    EXPECT_NE(result.error->what.find("not the instruction's own"), std::string::npos);
}

TEST(Emulator, SingleStepIsReported) {
    FakeBus bus;
    VcpuState state = real_mode();
    state.system.es = real_segment(0xb800);
    state.registers.rflags |= rflags::trap | rflags::resume;
    state.registers.rcx = 2;
    const auto first = emulate_code(state, bus, {0xf3, 0xaa});
    EXPECT_EQ(first.end, EmulationEnd::paused);
    EXPECT_TRUE(first.single_step);
    const auto second = emulate_code(state, bus, {0xf3, 0xaa});
    EXPECT_EQ(second.end, EmulationEnd::completed);
    EXPECT_TRUE(second.single_step);
    EXPECT_EQ(state.registers.rflags & rflags::resume, 0u);
}

}  // namespace
}  // namespace rmguest
