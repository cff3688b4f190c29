// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <cstring>

#include "lib/emulation_data.hpp"
#include "lib/failure_report.hpp"

namespace rmguest {
namespace {

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

VcpuState real_mode_at(std::uint16_t segment, std::uint64_t offset) {
    VcpuState state{};
    state.system.cs.selector = segment;
    state.system.cs.base = std::uint64_t{segment} << 4;
    state.registers.rip = offset;
    state.registers.rflags = 0x246;
    return state;
}

kvm_run internal_error(std::uint32_t suberror, std::initializer_list<std::uint64_t> data) {
    kvm_run page{};
    page.internal.suberror = suberror;
    page.internal.ndata = static_cast<std::uint32_t>(data.size());
    std::copy(data.begin(), data.end(), page.internal.data);
    return page;
}

TEST(DescribeState, ShowsTheInstruction) {
    std::vector<std::uint8_t> memory(0x10000);
    memory[0x1234] = 0x0f;
    memory[0x1235] = 0x0b;
    const std::string text = describe_state(real_mode_at(0x100, 0x234), memory);
    EXPECT_TRUE(contains(text, "at 0100:0234, linear 0x1234: ud2    [0f 0b]")) << text;
    EXPECT_TRUE(contains(text, "[PF ZF IF]")) << text;
    EXPECT_TRUE(contains(text, "CS=0100 base=00001000")) << text;
}

TEST(DescribeState, OutsideOfMemoryAndAtItsEnd) {
    const std::vector<std::uint8_t> memory(0x1000, 0xb8);
    EXPECT_TRUE(contains(describe_state(real_mode_at(0xf000, 0xfff0), memory), "outside"));
    // The instruction would go on behind the end.
    EXPECT_TRUE(contains(describe_state(real_mode_at(0, 0xffe), memory), "no instruction: b8 b8"));
}

TEST(DescribeState, ProtectedModeCodeSize) {
    const std::vector<std::uint8_t> memory{0xb8, 0x78, 0x56, 0x34, 0x12, 0, 0, 0};
    VcpuState state = real_mode_at(0, 0);
    EXPECT_TRUE(contains(describe_state(state, memory), "mov ax, 0x5678"));
    state.system.cr0 = 1;
    EXPECT_TRUE(contains(describe_state(state, memory), "mov ax, 0x5678"));
    state.system.cs.db = 1;
    EXPECT_TRUE(contains(describe_state(state, memory), "mov eax, 0x12345678"));
}

TEST(DescribeState, ThroughPageTables) {
    std::vector<std::uint8_t> memory(0x4000);
    const auto put = [&memory](std::size_t at, std::uint32_t value) {
        std::memcpy(&memory[at], &value, sizeof(value));
    };
    VcpuState state = real_mode_at(0, 0);
    state.system.cr0 = 0x80000001;
    state.system.cr3 = 0x1000;
    EXPECT_TRUE(contains(describe_state(state, memory), "not mapped"));
    put(0x1000, 0x2000 | 1);
    put(0x2000, 0x3000 | 1);
    put(0x3000, 0x0b0f);
    EXPECT_TRUE(contains(describe_state(state, memory), "linear 0x0: ud2    [0f 0b]"));
}

TEST(ExplainFailure, Shutdown) {
    const Error error = explain_failure(RunEnd::shutdown, kvm_run{}, true);
    EXPECT_TRUE(contains(error.what, "triple fault"));
    EXPECT_FALSE(error.advice.empty());
}

TEST(ExplainFailure, RmvisorSaysWhatItCouldNotDo) {
    const Error memory = explain_failure(
        RunEnd::internal_error,
        internal_error(KVM_INTERNAL_ERROR_EMULATION, {0, 48, 0x182, 0x200000, 0x200000, 0}), true);
    EXPECT_TRUE(contains(memory.what, "EPT violation, write of 0x200000, not mapped"))
        << memory.what;
    EXPECT_TRUE(contains(memory.advice, "--memory"));
    const Error with_bytes = explain_failure(
        RunEnd::internal_error,
        internal_error(KVM_INTERNAL_ERROR_EMULATION,
                       {1, 0x90909090a201, 0x9090909090909090, 48, 0x182, 0x200000, 0x200000, 0}),
        true);
    EXPECT_EQ(with_bytes.what, memory.what);
    const Error string = explain_failure(
        RunEnd::internal_error,
        internal_error(KVM_INTERNAL_ERROR_EMULATION, {0, 30, 0x03f80030, 0, 0, 0}), true);
    EXPECT_TRUE(contains(string.what, "I/O instruction, REP OUTS port 0x3f8")) << string.what;
}

TEST(EmulationData, InstructionBytes) {
    // One byte, A2h; the rest is what KVM pads with.
    kvm_run page = internal_error(KVM_INTERNAL_ERROR_EMULATION,
                                  {1, 0x909090909090a201, 0x9090909090909090, 48, 2, 3, 4, 5});
    ASSERT_EQ(instruction_bytes(page).size(), 1u);
    EXPECT_EQ(instruction_bytes(page)[0], 0xa2);
    ASSERT_TRUE(emulation_data(page));
    EXPECT_EQ(emulation_data(page)->reason, 48u);
    EXPECT_EQ(emulation_data(page)->interruption, 5u);
    page.emulation_failure.insn_size = 200;
    EXPECT_EQ(instruction_bytes(page).size(), 15u);
    page.internal.ndata = 7;
    EXPECT_FALSE(emulation_data(page));
    page.internal.ndata = 2;
    EXPECT_TRUE(instruction_bytes(page).empty());
}

TEST(EmulationData, WithoutBytes) {
    const kvm_run page = internal_error(KVM_INTERNAL_ERROR_EMULATION, {0, 48, 2, 3, 4, 5});
    EXPECT_TRUE(instruction_bytes(page).empty());
    ASSERT_TRUE(emulation_data(page));
    EXPECT_EQ(emulation_data(page)->physical, 3u);
    EXPECT_EQ(emulation_data(page)->linear, 4u);
}

TEST(ExplainFailure, KvmsEmulatorIsNotTheVisor) {
    const kvm_run page = internal_error(KVM_INTERNAL_ERROR_EMULATION, {0, 48, 0x182, 0, 0, 0});
    EXPECT_TRUE(contains(explain_failure(RunEnd::internal_error, page, false).what, "emulation"));
}

TEST(ExplainFailure, MissingOrTooMuchDataIsSurvived) {
    const kvm_run none = internal_error(KVM_INTERNAL_ERROR_EMULATION, {});
    EXPECT_FALSE(explain_failure(RunEnd::internal_error, none, true).what.empty());
    kvm_run many = internal_error(KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON, {37, 1});
    EXPECT_TRUE(
        contains(explain_failure(RunEnd::internal_error, many, true).what, "Monitor trap flag"));
    many.internal.ndata = 0xffffffff;
    EXPECT_FALSE(explain_failure(RunEnd::internal_error, many, true).what.empty());
}

TEST(ExplainFailure, FailEntryIsAReasonOrAnInstructionError) {
    kvm_run page{};
    page.fail_entry.hardware_entry_failure_reason = 0x80000021;
    EXPECT_TRUE(
        contains(explain_failure(RunEnd::fail_entry, page, true).what, "invalid guest state"));
    page.fail_entry.hardware_entry_failure_reason = 7;
    EXPECT_TRUE(
        contains(explain_failure(RunEnd::fail_entry, page, true).what, "VM-instruction error 7"));
}

}  // namespace
}  // namespace rmguest
