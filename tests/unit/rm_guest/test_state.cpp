// SPDX-License-Identifier: GPL-2.0-only
// GET_STATE and SET_STATE.
#include "rm_guest/control_registers.hpp"
#include "rm_guest/guest.hpp"
#include "rm_guest/state.hpp"
#include "vmx/controls.hpp"

#include <cstring>

namespace rmv {
namespace {

class States : public Guest {
protected:
    void SetUp() override {
        reset();
        state = read();
    }

    visor_vcpu_state read() {
        command(VISOR_COMMAND_GET_STATE);
        EXPECT_EQ(status(), VISOR_OK);
        return cpu.shared.group_data.regs;
    }
    u32 write(const visor_vcpu_state& wanted) {
        cpu.shared.group_data.regs = wanted;
        command(VISOR_COMMAND_SET_STATE);
        return status();
    }
    void expect_refused(const visor_vcpu_state& wanted, StateError why) {
        const visor_vcpu_state before = read();
        const auto fields = fake::vmx().regions.at(rm_vmcs_phys).fields;
        const Status found = set_state(cpu, wanted);
        EXPECT_EQ(found.code, VISOR_BAD_ARGUMENT);
        EXPECT_EQ(found.detail, static_cast<u64>(why));
        EXPECT_EQ(fake::vmx().regions.at(rm_vmcs_phys).fields, fields) << "something changed";
        const visor_vcpu_state after = read();
        EXPECT_EQ(std::memcmp(&before, &after, sizeof(after)), 0);
    }

    visor_vcpu_state state{};
};

TEST_F(States, EveryMemberGoesThere) {
    u64 next = 1;
    for (u64* gpr = &state.gprs.rax; gpr <= &state.gprs.r15; ++gpr) *gpr = 0x1000 + next++;
    state.rip = 0x7c00;
    state.rflags = 0x246;
    state.cr0 = mask(Cr0::pe, Cr0::et, Cr0::wp, Cr0::cd);
    state.cr2 = 0x2222;
    state.cr3 = 0x3000;
    state.cr4 = mask(Cr4::pse, Cr4::osfxsr);
    state.cr8 = 5;
    state.efer = mask(Efer::nxe);
    state.apic_base = 0xfee00800;
    state.dr7 = 0x403;
    for (rmv_segment* s :
         {&state.cs, &state.ds, &state.es, &state.fs, &state.gs, &state.ss, &state.tr, &state.ldt})
        *s = {.base = next * 16,
              .limit = 0x10000 + static_cast<u32>(next),
              .access_rights = static_cast<u32>(0x93 + (next << 12)),
              .selector = static_cast<u16>(next++),
              .reserved = {}};
    state.ldt.access_rights = 0x10000;  // unusable
    state.gdt = {0x111000, 0x7f, 0};
    state.idt = {0x222000, 0x3ff, 0};
    ASSERT_EQ(write(state), VISOR_OK);
    const visor_vcpu_state back = read();
    EXPECT_EQ(std::memcmp(&back, &state, sizeof(state)), 0);
    EXPECT_EQ(field(Field::guest_rsp), state.gprs.rsp);
    EXPECT_EQ(field(Field::guest_cr0), mask(Cr0::pe, Cr0::et, Cr0::wp, Cr0::ne));
    EXPECT_TRUE(has(field(Field::guest_cr4), Cr4::vmxe));
}

TEST_F(States, RoundTripChangesNothing) {
    const auto fields = fake::vmx().regions.at(rm_vmcs_phys).fields;
    EXPECT_EQ(write(read()), VISOR_OK);
    EXPECT_EQ(fake::vmx().regions.at(rm_vmcs_phys).fields, fields);
}

TEST_F(States, RflagsReservedBitsAreFixed) {
    state.rflags = ~u64{0};
    ASSERT_EQ(write(state), VISOR_OK);
    EXPECT_EQ(field(Field::guest_rflags), 0x3f7fd7u);
    state.rflags = 0;
    ASSERT_EQ(write(state), VISOR_OK);
    EXPECT_EQ(field(Field::guest_rflags), 2u);
}

TEST_F(States, LmaAndTheEntryControlAgree) {
    state.cr0 = mask(Cr0::pe, Cr0::pg, Cr0::et);
    state.cr4 = mask(Cr4::pae);
    state.efer = mask(Efer::lme, Efer::lma);
    ASSERT_EQ(write(state), VISOR_OK);
    EXPECT_TRUE(has(field(Field::entry_controls), EntryControl::ia32e_mode_guest));
    state.efer = 0;
    state.cr0 = mask(Cr0::et);
    ASSERT_EQ(write(state), VISOR_OK);
    EXPECT_FALSE(has(field(Field::entry_controls), EntryControl::ia32e_mode_guest));
}

TEST_F(States, BitsThatAreNotTheGuestsAreRefused) {
    visor_vcpu_state bad = state;
    bad.cr0 |= bit(32);
    expect_refused(bad, StateError::cr0);
    for (const u64 cr4 : {mask(Cr4::vmxe), mask(Cr4::smep), bit(63)}) {
        bad = state;
        bad.cr4 = cr4;
        expect_refused(bad, StateError::cr4);
    }
    bad = state;
    bad.cr8 = 16;
    expect_refused(bad, StateError::cr8);
    for (const u64 efer : {bit(1), bit(9), bit(63)}) {
        bad = state;
        bad.efer = efer;
        expect_refused(bad, StateError::efer);
    }
    for (const u64 apic_base : {u64{0xfee00d00}, u64{0xfee00a00}, u64{0x8000000900}, u64{1}}) {
        bad = state;
        bad.apic_base = apic_base;
        expect_refused(bad, StateError::apic_base);
    }
}

TEST_F(States, TranslationsAreFlushed) {
    fake::vmx().invvpids.clear();
    ASSERT_EQ(write(state), VISOR_OK);
    EXPECT_EQ(fake::vmx().invvpids.size(), 1u);
}

TEST_F(States, AMovedGuestForgetsTheOldPlace) {
    set_field(Field::guest_interruptibility, mask(Interruptibility::blocking_by_sti));
    set_field(Field::guest_pending_debug, bit(14));
    set_field(Field::entry_interruption_info, 0x80000306);
    state.gprs.rax = 1;
    ASSERT_EQ(write(state), VISOR_OK);
    EXPECT_EQ(field(Field::guest_interruptibility), 1u) << "not moved";
    EXPECT_TRUE(injected());
    state.rip += 2;
    ASSERT_EQ(write(state), VISOR_OK);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
    EXPECT_EQ(field(Field::guest_pending_debug), 0u);
    EXPECT_FALSE(injected());
}

TEST_F(States, ChangedFlagsDropTheShadowAndKeepTheEvent) {
    state.rflags |= mask(Rflags::iflag);
    ASSERT_EQ(write(state), VISOR_OK);
    set_field(Field::guest_interruptibility, mask(Interruptibility::blocking_by_sti));
    set_field(Field::entry_interruption_info, 0x80000306);
    state.rflags &= ~mask(Rflags::iflag);
    ASSERT_EQ(write(state), VISOR_OK);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
    EXPECT_TRUE(injected());
}

}  // namespace
}  // namespace rmv
