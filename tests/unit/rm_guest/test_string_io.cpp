// SPDX-License-Identifier: GPL-2.0-only
// INS and OUTS: what one stop covers, segment checks, and how registers follow.
#include "rm_guest/string_io.hpp"

#include "rm_guest/guest.hpp"
#include "rm_guest/segment_limit.hpp"

namespace rmv {
namespace {

constexpr u64 io_in = bit(3), io_string = bit(4), io_rep = bit(5);
constexpr u64 port_of_size(u8 size) { return (u64{0x1f0} << 16) | (size - 1u) | io_string; }
constexpr u64 ins = io_in;

// SDM: Format of the VM-Exit Instruction-Information Field as Used for INS and OUTS.
constexpr u64 information(u8 address_bits, SegmentRegister segment) {
    const u64 size = address_bits == 16 ? 0 : address_bits == 32 ? 1 : 2;
    return size << 7 | static_cast<u64>(segment) << 15;
}

class StringIo : public Guest {
protected:
    void SetUp() override {
        globals.facts.vmx_basic |= bit(54);
        reset();
        run();
        set_field(Field::guest_rip, 0x100);
        set_field(Field::guest_rflags, 2);
        gprs.rcx = 0x1122'3344'5566'0005;
        gprs.rsi = 0x1122'3344'5566'0200;
        gprs.rdi = 0x1122'3344'5566'0300;
    }

    void exits(u64 kind, u8 size = 1, u8 address_bits = 16,
               SegmentRegister segment = SegmentRegister::ds) {
        exit_is(ExitReason::io_instruction, port_of_size(size) | kind, 2);
        set_field(Field::exit_instruction_info, information(address_bits, segment));
        set_field(Field::guest_linear_address, 0x12345);
        exit(static_cast<u32>(ExitReason::io_instruction));
    }
    void answers(u32 elements) {
        while_parked = [=, this] {
            cpu.shared.run = {.completion = VISOR_COMPLETE_IO, .elements = elements};
        };
    }
    void expect_fault(u8 vector) {
        EXPECT_FALSE(stopped());
        ASSERT_TRUE(injected());
        EXPECT_EQ(injected()->vector, vector);
    }
    void protected_mode_data(Field rights_field, u32 rights, u32 limit) {
        protected_mode();
        set_field(rights_field, rights);
        const auto limit_field = static_cast<Field>(
            static_cast<u32>(rights_field) - static_cast<u32>(Field::guest_es_access_rights) +
            static_cast<u32>(Field::guest_es_limit));
        set_field(limit_field, limit);
    }
};

TEST_F(StringIo, OneStopForARepeatedInstruction) {
    answers(5);
    exits(ins | io_rep, 2);
    EXPECT_EQ(stop.reason, VISOR_STOP_IO);
    EXPECT_EQ(stop.string, 1);
    EXPECT_EQ(stop.size, 2);
    EXPECT_EQ(stop.elements, 5u);
    EXPECT_EQ(stop.backwards, 0);
    EXPECT_EQ(stop.guest_linear, 0x12345u);
    EXPECT_EQ(gprs.rcx, 0x1122'3344'5566'0000u) << "16-bit addresses: CX";
    EXPECT_EQ(gprs.rdi, 0x1122'3344'5566'030au);
    EXPECT_EQ(gprs.rsi, 0x1122'3344'5566'0200u);
    EXPECT_EQ(field(Field::guest_rip), 0x102u);
}

TEST_F(StringIo, WithoutRepOneElement) {
    answers(1);
    exits(0, 4);
    EXPECT_EQ(stop.elements, 1u);
    EXPECT_EQ(gprs.rcx, 0x1122'3344'5566'0005u);
    EXPECT_EQ(gprs.rsi, 0x1122'3344'5566'0204u);
    EXPECT_EQ(field(Field::guest_rip), 0x102u);
}

TEST_F(StringIo, PartThatWasDoneIsKept) {
    answers(3);
    exits(io_rep);
    EXPECT_EQ(gprs.rcx & 0xffff, 2u);
    EXPECT_EQ(gprs.rsi & 0xffff, 0x203u);
    EXPECT_EQ(field(Field::guest_rip), 0x100u) << "the rest is still to come";
}

TEST_F(StringIo, MoreThanAskedForIsNotDone) {
    answers(77);
    exits(io_rep);
    EXPECT_EQ(gprs.rcx & 0xffff, 0u);
    EXPECT_EQ(gprs.rsi & 0xffff, 0x205u);
}

TEST_F(StringIo, NothingDoneNothingChanges) {
    answers(0);
    exits(io_rep);
    EXPECT_EQ(gprs.rcx & 0xffff, 5u);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
}

TEST_F(StringIo, DirectionFlagGoesDown) {
    set_field(Field::guest_rflags, mask(Rflags::fixed1, Rflags::df));
    answers(5);
    exits(ins | io_rep, 2);
    EXPECT_EQ(stop.backwards, 1);
    EXPECT_EQ(gprs.rdi & 0xffff, 0x2f6u);
}

TEST_F(StringIo, RepOfNothingIsSkipped) {
    gprs.rcx = 0xffff'0000;
    exits(io_rep);
    EXPECT_FALSE(stopped());
    EXPECT_EQ(field(Field::guest_rip), 0x102u);
    EXPECT_EQ(gprs.rcx, 0xffff'0000u);
}

TEST_F(StringIo, ThirtyTwoBitAddressesClearTheUpperHalf) {
    set_field(Field::guest_es_limit, 0xffffffff);
    gprs.rcx = 0x1122'3344'0001'0001;
    answers(~0u);
    exits(ins | io_rep, 1, 32);
    EXPECT_EQ(stop.elements, 4096u) << "a page of data";
    EXPECT_EQ(gprs.rcx, 0x0000'f001u);
    EXPECT_EQ(gprs.rdi, 0x5566'1300u);
}

TEST_F(StringIo, StepIsOneElement) {
    set_field(Field::guest_rflags, mask(Rflags::fixed1, Rflags::tf));
    set_field(Field::guest_interruptibility, mask(Interruptibility::blocking_by_sti));
    answers(1);
    exits(io_rep);
    EXPECT_EQ(stop.elements, 1u);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
    EXPECT_EQ(field(Field::guest_pending_debug), bit(14)) << "each iteration traps";
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
}

TEST_F(StringIo, ElementsEndAtTheSegmentsLimit) {
    gprs.rsi = 0xfffd;
    answers(1);
    exits(io_rep, 2);
    EXPECT_EQ(stop.elements, 1u);
    gprs.rsi = 0xffff;
    exits(io_rep, 2);
    expect_fault(13);
    EXPECT_FALSE(injected()->has_error_code) << "real mode";
}

TEST_F(StringIo, OffsetsWrapAroundInABigSegment) {
    set_field(Field::guest_ds_limit, 0xffffffff);
    gprs.rsi = 0xfffe;
    answers(1);
    exits(io_rep, 2);
    EXPECT_EQ(stop.elements, 1u) << "the next one lies elsewhere";
    EXPECT_EQ(gprs.rsi & 0xffff, 0u);
}

TEST_F(StringIo, BackwardsEndsAtOffsetZero) {
    set_field(Field::guest_rflags, mask(Rflags::fixed1, Rflags::df));
    gprs.rsi = 2;
    answers(2);
    exits(io_rep, 2);
    EXPECT_EQ(stop.elements, 2u);
    EXPECT_EQ(gprs.rsi & 0xffff, 0xfffeu);
}

TEST_F(StringIo, StackSegmentHasItsOwnFault) {
    gprs.rsi = 0xffff;
    exits(io_rep, 2, 16, SegmentRegister::ss);
    expect_fault(12);
}

TEST_F(StringIo, InsNeedsAWritableSegment) {
    protected_mode_data(Field::guest_es_access_rights, 0x91, 0xffff);
    exits(ins);
    expect_fault(13);
    EXPECT_TRUE(injected()->has_error_code);
}

TEST_F(StringIo, OutsReadsFromDataAndReadableCodeOnly) {
    protected_mode_data(Field::guest_ds_access_rights, 0x91, 0xffff);
    exits(0);
    EXPECT_TRUE(stopped());
    protected_mode_data(Field::guest_cs_access_rights, 0x9b, 0xffff);
    exits(0, 1, 16, SegmentRegister::cs);
    EXPECT_TRUE(stopped());
    protected_mode_data(Field::guest_cs_access_rights, 0x99, 0xffff);
    exits(0, 1, 16, SegmentRegister::cs);
    expect_fault(13);
}

TEST_F(StringIo, UnusableSegmentFaults) {
    protected_mode_data(Field::guest_ds_access_rights, 0x10093, 0xffff);
    exits(0);
    expect_fault(13);
}

TEST_F(StringIo, ExpandDownSegmentIsAllAboveItsLimit) {
    protected_mode_data(Field::guest_ds_access_rights, 0x97, 0x1ff);
    answers(1);
    exits(0);
    EXPECT_TRUE(stopped()) << "offset 200h";
    gprs.rsi = 0x1ff;
    exits(0);
    expect_fault(13);
    gprs.rsi = 0xffff;
    exits(0, 2, 32);
    EXPECT_FALSE(stopped()) << "beyond FFFFh without the B flag";
}

TEST_F(StringIo, Virtual8086ModeLooksAtTheLimitAlone) {
    protected_mode_data(Field::guest_es_access_rights, 0xf1, 0xffff);
    set_field(Field::guest_rflags, mask(Rflags::fixed1, Rflags::vm));
    exits(ins);
    EXPECT_TRUE(stopped());
}

TEST_F(StringIo, NonCanonicalAddressFaultsIn64BitMode) {
    protected_mode(mask(Cr0::pg));
    set_field(Field::guest_efer, mask(Efer::lme, Efer::lma));
    set_field(Field::guest_cs_access_rights, 0xa09b);
    gprs.rsi = 0x8000'0000'0000;
    exits(0, 1, 64);
    expect_fault(13);
    gprs.rsi = 0x7fff'ffff'ff00;
    gprs.rcx = 0x1000;
    exits(io_rep, 1, 64);
    EXPECT_EQ(stop.elements, 0x100u) << "to the end of the page";
}

TEST_F(StringIo, ElementsUpToTheEndOfThePageIn64BitMode) {
    protected_mode(mask(Cr0::pg));
    set_field(Field::guest_efer, mask(Efer::lme, Efer::lma));
    set_field(Field::guest_cs_access_rights, 0xa09b);
    gprs.rsi = 0xff4;
    gprs.rcx = 0x1000;
    exits(io_rep, 4, 64);
    EXPECT_EQ(stop.elements, 3u);
    gprs.rsi = 0xffe;
    gprs.rcx = 0x1000;
    exits(io_rep, 4, 64);
    EXPECT_EQ(stop.elements, 1u) << "one that crosses it goes alone";
}

TEST_F(StringIo, BasesAndTheHoleOf64BitMode) {
    protected_mode(mask(Cr0::pg));
    set_field(Field::guest_efer, mask(Efer::lme, Efer::lma));
    set_field(Field::guest_cs_access_rights, 0xa09b);
    gprs.rsi = 0x7fff'ffff'ffff;
    exits(0, 2, 64);
    expect_fault(13);
    set_field(Field::entry_interruption_info, 0);
    set_field(Field::guest_fs_base, 0xff0);
    set_field(Field::guest_ds_base, 0xff0);
    gprs.rsi = 8;
    gprs.rcx = 0x1000;
    exits(io_rep, 1, 64, SegmentRegister::fs);
    EXPECT_EQ(stop.elements, 8u) << "up to the end of the page";
    gprs.rsi = 8;
    gprs.rcx = 0x1000;
    exits(io_rep, 1, 64, SegmentRegister::ds);
    EXPECT_EQ(stop.elements, 0xff8u) << "DS has no base there";
}

TEST_F(StringIo, OwnersPageFaultReachesTheGuest) {
    protected_mode(mask(Cr0::pg));
    set_field(Field::guest_es_access_rights, 0xc093);
    while_parked = [&] {
        cpu.shared.run = {.completion = VISOR_COMPLETE_PAGE_FAULT,
                          .fault_error = 6,
                          .fault_address = 0x4567'8000};
    };
    exits(ins | io_rep);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 14);
    EXPECT_EQ(field(Field::entry_exception_error_code), 6u);
    EXPECT_EQ(fake::cpu().cr2, 0x4567'8000u);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
    EXPECT_EQ(gprs.rcx & 0xffff, 5u);
}

TEST_F(StringIo, CpuThatDoesNotTellTheOperandStopsByName) {
    globals.facts.vmx_basic &= ~bit(54);
    exits(0);
    EXPECT_EQ(stop.reason, VISOR_STOP_UNHANDLED);
}

}  // namespace
}  // namespace rmv
