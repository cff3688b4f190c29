// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/qualification_text.hpp"
#include "lib/trace_text.hpp"
#include "records.hpp"

namespace rmguest {
namespace {

using rmv::ExitReason;

rmvisor_trace_record with_registers(rmvisor_trace_record record, std::uint32_t rax,
                                    std::uint32_t rcx, std::uint32_t rdx) {
    record.flags |= RMVISOR_TRACE_F_REGS;
    record.rax = rax;
    record.rcx = rcx;
    record.rdx = rdx;
    return record;
}

rmvisor_trace_record with_interruption(ExitReason reason, std::uint32_t info,
                                       std::uint64_t qualification = 0) {
    rmvisor_trace_record record = exit_record(reason, qualification);
    record.intr_info = info;
    return record;
}

TEST(TraceText, Guest) {
    rmvisor_trace_record record = exit_record(ExitReason::hlt);
    EXPECT_EQ(describe_guest(record), "vm3/vcpu0");
    record.vm = 0;
    EXPECT_EQ(describe_guest(record), "linux");
}

TEST(TraceText, Io) {
    const auto out = exit_record(ExitReason::io_instruction, 0x00e9'0000);
    EXPECT_EQ(describe_event(out), "I/O instruction");
    EXPECT_EQ(describe_detail(out), "OUT port 0xe9, 1 byte");
    EXPECT_EQ(describe_detail(with_registers(out, 0xffffff41, 0, 0)),
              "OUT port 0xe9, 1 byte, AL=41");
    const auto wide = exit_record(ExitReason::io_instruction, 0x0200'0003);
    EXPECT_EQ(describe_detail(with_registers(wide, 0x33333333, 0, 0)),
              "OUT port 0x200, 4 bytes, EAX=33333333");
    const auto in = exit_record(ExitReason::io_instruction, 0x0060'0009);
    EXPECT_EQ(describe_detail(with_registers(in, 1, 2, 3)), "IN port 0x60, 2 bytes");
    auto string = exit_record(ExitReason::io_instruction, 0x0510'0038);
    string.flags = RMVISOR_TRACE_F_LINEAR;
    string.linear_address = 0x5000;
    EXPECT_EQ(describe_detail(string), "REP INS port 0x510, 1 byte, at 0x5000");
    EXPECT_EQ(describe_detail(exit_record(ExitReason::io_instruction, 2)),
              "reserved qualification 0x2");
}

TEST(TraceText, ControlAndDebugRegisters) {
    EXPECT_EQ(describe_detail(exit_record(ExitReason::cr_access, 0x300)), "MOV to CR0 from RBX");
    EXPECT_EQ(describe_detail(exit_record(ExitReason::cr_access, 0x14)), "MOV from CR4 to RAX");
    EXPECT_EQ(describe_detail(exit_record(ExitReason::cr_access, 0x20)), "CLTS");
    EXPECT_EQ(describe_detail(exit_record(ExitReason::cr_access, 0x1'0030)), "LMSW 0x0001");
    EXPECT_EQ(describe_detail(exit_record(ExitReason::mov_dr, 0x17)), "MOV from DR7 to RAX");
}

TEST(TraceText, EptViolation) {
    auto record = exit_record(ExitReason::ept_violation, 0x182);
    record.flags = RMVISOR_TRACE_F_PHYSICAL | RMVISOR_TRACE_F_LINEAR;
    record.guest_physical = 0xfee00300;
    record.linear_address = 0x1300;
    EXPECT_EQ(describe_detail(record), "write of 0xfee00300, not mapped, linear 0x1300");
    record.qualification = 0x1 | 0x28 | 0x80;
    EXPECT_EQ(describe_detail(record),
              "read of 0xfee00300, mapped r-x, linear 0x1300, in a page walk");
}

TEST(TraceText, Events) {
    EXPECT_EQ(describe_detail(with_interruption(ExitReason::exception_or_nmi, 0x80000202)), "NMI");
    EXPECT_EQ(describe_detail(with_interruption(ExitReason::exception_or_nmi, 0x80000b0e, 0x1234)),
              "#PF, hardware exception at 0x1234");
    EXPECT_EQ(describe_detail(with_interruption(ExitReason::exception_or_nmi, 0x80000603)),
              "#BP, software exception");
    EXPECT_EQ(describe_detail(with_interruption(ExitReason::external_interrupt, 0x80000030)),
              "vector 0x30");
    EXPECT_EQ(describe_detail(with_interruption(ExitReason::external_interrupt, 0)), "");
    EXPECT_EQ(describe_detail(exit_record(ExitReason::startup_ipi, 0x9a)), "vector 0x9a");
    EXPECT_EQ(describe_detail(exit_record(ExitReason::task_switch, 0x28 | 1u << 30)),
              "to TSS 0x0028 by IRET");
    EXPECT_EQ(describe_detail(exit_record(ExitReason::apic_access, 0x1300)),
              "write of offset 0x300");
}

TEST(TraceText, Registers) {
    EXPECT_EQ(describe_detail(with_registers(exit_record(ExitReason::cpuid), 1, 2, 3)),
              "EAX=00000001 ECX=00000002");
    EXPECT_EQ(describe_detail(with_registers(exit_record(ExitReason::rdmsr), 1, 0x10, 3)),
              "ECX=00000010");
    EXPECT_EQ(describe_detail(with_registers(exit_record(ExitReason::wrmsr), 1, 0x10, 3)),
              "ECX=00000010 EDX:EAX=00000003:00000001");
    EXPECT_EQ(describe_detail(exit_record(ExitReason::cpuid)), "");
}

TEST(TraceText, EveryReasonAndActionAndTypeHasWords) {
    for (unsigned number = 0; number < 256; ++number) {
        rmvisor_trace_record record = exit_record(static_cast<ExitReason>(number), 0x1234'5678);
        record.flags = static_cast<std::uint8_t>(number);
        EXPECT_FALSE(describe_event(record).empty());
        (void)describe_detail(record);
        record.type = static_cast<std::uint8_t>(number);
        EXPECT_FALSE(describe_event(record).empty());
        (void)describe_detail(record);
        record.action = static_cast<std::uint8_t>(number);
        EXPECT_FALSE(describe_action(record).empty());
    }
    EXPECT_EQ(describe_event(exit_record(static_cast<ExitReason>(35))), "exit reason 35");
}

TEST(TraceText, OtherRecords) {
    rmvisor_trace_record record{};
    record.type = RMVISOR_TRACE_LOST;
    record.qualification = 7;
    EXPECT_EQ(describe_detail(record), "7 records are missing here");
    record.type = RMVISOR_TRACE_STOP;
    record.qualification = 2;
    EXPECT_EQ(describe_event(record), "guest stopped");
    EXPECT_EQ(describe_detail(record), "HLT");
    record.qualification = 1000;
    EXPECT_EQ(describe_detail(record), "why 1000");
    EXPECT_EQ(describe_address(record), "-");
    EXPECT_FALSE(has_instruction(record));
}

TEST(TraceText, Addresses) {
    rmvisor_trace_record record = exit_record(ExitReason::hlt);
    record.cs_base = 0xf0000;
    record.rip = 0xfff0;
    EXPECT_EQ(describe_address(record), "f000:fff0");
    record.cs_base = 0xffff0000;  // after a reset
    EXPECT_EQ(describe_address(record), "0xfffffff0");
    record.cs_base = 0x12345;  // no multiple of 16
    record.rip = 1;
    EXPECT_EQ(describe_address(record), "0x12346");
    record.flags = RMVISOR_TRACE_F_CODE32;
    record.cs_base = 0x1000;
    EXPECT_EQ(describe_address(record), "0x1001");
    EXPECT_EQ(code_size(record), CodeSize::bits32);
    record.flags = RMVISOR_TRACE_F_PROTECTED;  // 16-bit code of a descriptor
    record.cs_base = 0x1000;
    EXPECT_EQ(describe_address(record), "0x1001");
    record.flags = RMVISOR_TRACE_F_CODE64;
    record.rip = 0xffffffff81000000;
    EXPECT_EQ(describe_address(record), "0xffffffff81000000");
}

TEST(TraceText, EventsOfTheVisor) {
    rmvisor_trace_record record{};
    record.type = RMVISOR_TRACE_INIT;
    EXPECT_EQ(describe_event(record), "INIT");
    EXPECT_EQ(describe_detail(record), "physical");
    record.qualification = 1;
    EXPECT_EQ(describe_detail(record), "from a vCPU");
    record.type = RMVISOR_TRACE_SIPI;
    record.qualification = 0x9f;
    EXPECT_EQ(describe_detail(record), "vector 0x9f");
    record.type = RMVISOR_TRACE_SMI;
    record.qualification = 2;
    record.root_ticks = 5000;
    EXPECT_EQ(describe_detail(record), "2 SMIs, 5000 ticks");
    record.type = RMVISOR_TRACE_ENTRY_FAILED;
    record.qualification = 7;
    EXPECT_EQ(describe_detail(record), "VM-instruction error 7");
    record.qualification = 0x80000021;
    EXPECT_EQ(describe_detail(record), to_string(ExitReason::entry_failure_guest_state));
    record.qualification = 0x80000fff;
    EXPECT_EQ(describe_detail(record), "exit reason 0x80000fff");
    record.type = RMVISOR_TRACE_FAULT;
    record.qualification = 2;
    record.reason = 14;
    EXPECT_EQ(describe_event(record), "exception in root");
    EXPECT_EQ(describe_detail(record), "#PF, error code 0x2");
    record.type = RMVISOR_TRACE_GIVE_BACK;
    EXPECT_EQ(describe_event(record), "given back to Linux");
    EXPECT_EQ(describe_detail(record), "");
    record.type = 200;
    EXPECT_EQ(describe_event(record), "record type 200");
}

// Every number of the ABI has words, and the next one has none.
TEST(TraceText, StopReasons) {
    rmvisor_trace_record record{};
    record.type = RMVISOR_TRACE_STOP;
    for (unsigned why = RMVISOR_STOP_NONE; why <= RMVISOR_STOP_VMX_ERROR; ++why) {
        record.qualification = why;
        EXPECT_FALSE(describe_detail(record).starts_with("why ")) << why;
    }
    record.qualification = 1u << 20;
    EXPECT_EQ(describe_detail(record), "why 1048576");
}

TEST(TraceText, Vectors) {
    EXPECT_EQ(describe_vector(0), "#DE");
    EXPECT_EQ(describe_vector(13), "#GP");
    EXPECT_EQ(describe_vector(21), "#CP");
    EXPECT_EQ(describe_vector(15), "vector 0x0f");
    EXPECT_EQ(describe_vector(255), "vector 0xff");
}

}  // namespace
}  // namespace rmguest
