// SPDX-License-Identifier: GPL-2.0-only
// PAE paging: the four entries come from guest memory by way of the shim.
#include "rm_guest/pdptes.hpp"

#include "rm_guest/guest.hpp"

namespace rmv {
namespace {

constexpr u64 pe_pg = mask(Cr0::pe, Cr0::pg, Cr0::et);

class PaePaging : public Guest {
protected:
    void SetUp() override {
        reset();
        run();
        protected_mode();
        set_field(Field::guest_cr4, mask(Cr4::pae, Cr4::vmxe));
        set_field(Field::guest_cr3, 0x123456789);
        set_field(Field::guest_rip, 0x100);
        gprs.rbx = pe_pg;
    }

    void mov_cr0() { exit(ExitReason::cr_access, 0x300, 3); }
    void answer(u64 first, u64 last) {
        cpu.shared.run = {.completion = VISOR_COMPLETE_PDPTES, .pdptes = {first, 0, 0, last}};
    }
};

TEST_F(PaePaging, EntriesAreFetchedAndTheInstructionIsExecutedAgain) {
    while_parked = [&] { answer(0x7001, 0x8001); };
    mov_cr0();
    EXPECT_EQ(stop.reason, VISOR_STOP_PDPTES);
    EXPECT_EQ(stop.guest_physical, 0x23456780u);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
    EXPECT_FALSE(has(field(Field::guest_cr0), Cr0::pg));
    mov_cr0();
    EXPECT_FALSE(stopped());
    EXPECT_EQ(field(Field::guest_rip), 0x103u);
    EXPECT_TRUE(has(field(Field::guest_cr0), Cr0::pg));
    EXPECT_EQ(field(Field::guest_pdpte0), 0x7001u);
    EXPECT_EQ(field(Field::guest_pdpte3), 0x8001u);
}

TEST_F(PaePaging, EntriesOfAnotherTableAreNotTaken) {
    while_parked = [&] { answer(0x7001, 0x8001); };
    mov_cr0();
    set_field(Field::guest_cr3, 0x5000);
    mov_cr0();
    EXPECT_EQ(stop.reason, VISOR_STOP_PDPTES);
    EXPECT_EQ(stop.guest_physical, 0x5000u);
}

TEST_F(PaePaging, EntriesAreUsedOnce) {
    while_parked = [&] { answer(0x7001, 0x8001); };
    mov_cr0();
    mov_cr0();
    protected_mode();
    mov_cr0();
    EXPECT_EQ(stop.reason, VISOR_STOP_PDPTES);
}

TEST_F(PaePaging, WithoutAnAnswerItIsAskedAgain) {
    mov_cr0();
    EXPECT_FALSE(injected());
    mov_cr0();
    EXPECT_EQ(stop.reason, VISOR_STOP_PDPTES);
}

// SDM: Translation with PAE paging; a write of CR4 that changes PSE loads them too.
TEST_F(PaePaging, AWriteOfCr4FetchesThemAndIsThenDone) {
    protected_mode(mask(Cr0::pg));
    gprs.rbx = mask(Cr4::pae, Cr4::pse);
    while_parked = [&] { answer(0x7001, 0x8001); };
    exit(ExitReason::cr_access, 0x304, 3);
    EXPECT_EQ(stop.reason, VISOR_STOP_PDPTES);
    EXPECT_FALSE(has(field(Field::guest_cr4), Cr4::pse));
    exit(ExitReason::cr_access, 0x304, 3);
    EXPECT_FALSE(stopped());
    EXPECT_TRUE(has(field(Field::guest_cr4), Cr4::pse));
    EXPECT_EQ(field(Field::guest_rip), 0x103u);
    EXPECT_EQ(field(Field::guest_pdpte0), 0x7001u);
}

class BadPdpte : public PaePaging, public testing::WithParamInterface<u64> {};

TEST_P(BadPdpte, IsGeneralProtection) {
    while_parked = [&] { answer(0x7001, GetParam()); };
    mov_cr0();
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 13);
    EXPECT_FALSE(has(field(Field::guest_cr0), Cr0::pg));
}

// Bits 2:1, 8:5 and those beyond the physical address are reserved.
INSTANTIATE_TEST_SUITE_P(Reserved, BadPdpte,
                         testing::Values(0x3, 0x5, 0x21, 0x101, bit(39) | 1, bit(63) | 1));

TEST_F(PaePaging, EntryThatIsNotPresentMayBeAnything) {
    while_parked = [&] { answer(~u64{1}, 0x18 | 0xe00 | 1); };  // PWT, PCD and ignored bits
    mov_cr0();
    EXPECT_FALSE(injected());
}

TEST_F(PaePaging, TableWithoutMemoryIsGeneralProtection) {
    while_parked = [&] { cpu.shared.run = {.completion = VISOR_COMPLETE_NO_PDPTES}; };
    mov_cr0();
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 13);
}

TEST_F(PaePaging, AnswerThatNobodyAskedForChangesNothing) {
    answer(0x7001, 0x8001);
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(field(Field::guest_pdpte0), 0u);
    EXPECT_FALSE(injected());
}

TEST_F(PaePaging, SetStateAsksBeforeTheEntry) {
    command(VISOR_COMMAND_GET_STATE);
    cpu.shared.group_data.regs.cr0 = pe_pg;
    cpu.shared.group_data.regs.cr3 = 0x4000;
    command(VISOR_COMMAND_SET_STATE);
    EXPECT_EQ(status(), VISOR_OK);
    EXPECT_FALSE(command(VISOR_COMMAND_RUN).has_value());
    EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_PDPTES);
    EXPECT_EQ(cpu.shared.stop.guest_physical, 0x4000u);
    answer(0x3, 0x8001);  // what is wrong with them, VM entry says
    EXPECT_EQ(command(VISOR_COMMAND_RUN), Next::enter);
    EXPECT_EQ(field(Field::guest_pdpte0), 0x3u);
    cpu.shared.run = {};
    EXPECT_EQ(command(VISOR_COMMAND_RUN), Next::enter);
}

TEST_F(PaePaging, SetStateAsksForANewModeAndForANewTable) {
    const auto expect_asked = [this](u64 table) {
        command(VISOR_COMMAND_SET_STATE);
        EXPECT_EQ(status(), VISOR_OK);
        cpu.shared.run = {};
        EXPECT_FALSE(command(VISOR_COMMAND_RUN).has_value());
        EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_PDPTES);
        EXPECT_EQ(cpu.shared.stop.guest_physical, table);
        answer(0x7001, 0x8001);
        EXPECT_EQ(command(VISOR_COMMAND_RUN), Next::enter);
        command(VISOR_COMMAND_GET_STATE);
    };
    command(VISOR_COMMAND_GET_STATE);
    cpu.shared.group_data.regs.cr0 = pe_pg;
    expect_asked(0x23456780);
    cpu.shared.group_data.regs.cr3 = 0x4000;
    expect_asked(0x4000);
}

TEST_F(PaePaging, SetStateOfOtherRegistersKeepsTheEntries) {
    while_parked = [&] { answer(0x7001, 0x8001); };
    mov_cr0();
    mov_cr0();
    command(VISOR_COMMAND_GET_STATE);
    cpu.shared.group_data.regs.gprs.rax = 1;
    command(VISOR_COMMAND_SET_STATE);
    cpu.shared.run = {};
    EXPECT_EQ(command(VISOR_COMMAND_RUN), Next::enter);
    EXPECT_EQ(field(Field::guest_pdpte0), 0x7001u);
}

}  // namespace
}  // namespace rmv
