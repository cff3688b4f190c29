// SPDX-License-Identifier: GPL-2.0-only
// The local APIC of a vCPU at work: controls, exits, waiting in root, INIT's registers.
#include "rm_guest/apic/exits.hpp"
#include "rm_guest/apic/lapic_group.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/state.hpp"
#include "rm_guest/with_apic.hpp"

namespace rmv {
namespace {

using apic::MpState;

TEST_F(WithApic, ControlsFollowTheMode) {
    constexpr u64 tpr_shadow = mask(Primary::tpr_shadow);
    constexpr u64 cr8 = mask(Primary::cr8_load_exiting, Primary::cr8_store_exiting);
    constexpr u64 accesses = mask(Secondary::virtualize_apic_accesses);
    constexpr u64 registers = mask(Secondary::apic_register_virtualization);
    reset();
    EXPECT_EQ(field(Field::primary_processor_controls) & (tpr_shadow | cr8), tpr_shadow);
    EXPECT_EQ(field(Field::secondary_processor_controls) & (accesses | registers),
              accesses | registers);
    EXPECT_EQ(field(Field::virtual_apic_address), 0x31000u);
    EXPECT_EQ(field(Field::apic_access_address), 0x30000u);
    enable();
    EXPECT_EQ(field(Field::primary_processor_controls) & (tpr_shadow | cr8), cr8);
    EXPECT_EQ(field(Field::secondary_processor_controls) & (accesses | registers), accesses)
        << "the page that all guests have is never reached";
    EXPECT_EQ(
        field(Field::secondary_processor_controls) & mask(Secondary::virtual_interrupt_delivery),
        0u);
}

TEST_F(WithApic, NothingIsTurnedOnWithoutOne) {
    cpu.shared.apic = VISOR_APIC_NONE;
    reset();
    EXPECT_EQ(
        field(Field::secondary_processor_controls) & mask(Secondary::virtualize_apic_accesses), 0u);
    EXPECT_FALSE(x2apic_write(0x808, 0));
    EXPECT_FALSE(cpu.rm_inbox.post_nmi(tag())) << "nobody sends to it";
    cpu.shared.apic = VISOR_APIC_PHYSICAL;
    EXPECT_FALSE(command(VISOR_COMMAND_RESET).has_value());
    EXPECT_EQ(status(), VISOR_BAD_ARGUMENT) << "for builds that force failures alone";
}

TEST_F(WithApic, ASelfIpiIsTakenWhenInterruptsAreOn) {
    start();
    enable();
    EXPECT_TRUE(x2apic_write(0x83f, 0x41));
    set_field(Field::guest_rflags, 2);
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_FALSE(injected());
    set_field(Field::guest_rflags, 0x202);
    exit(ExitReason::cpuid, 0, 2);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 0x41);
    EXPECT_TRUE(page().contains(ApicRegister::isr0, 0x41));
    EXPECT_FALSE(page().contains(ApicRegister::irr0, 0x41));
}

TEST_F(WithApic, NoWriteReachesThePhysicalApic) {
    start();
    enable();
    for (const u64 icr : {0x44500ull, 0x84500ull, 0xc4500ull, 0x84608ull, 0x84400ull, 0x84200ull,
                          0x84041ull, (1ull << 32) | 0x4500, (u64{apic_id} << 32) | 0x4500})
        EXPECT_TRUE(x2apic_write(0x830, icr)) << std::hex << icr;
    for (const fake::MsrWrite& write : fake::cpu().msr_writes)
        EXPECT_TRUE(write.msr < Msr::x2apic_id || write.msr > Msr{0x8ff})
            << std::hex << static_cast<u32>(write.msr);
}

TEST_F(WithApic, HltWaitsInRootForAnInterrupt) {
    start();
    enable();
    set_field(Field::guest_rflags, 0x202);
    set_field(Field::guest_rip, 0x100);
    unsigned turns = 0;
    const Next next = waiting_exit(ExitReason::hlt, [&] {
        if (++turns == 3) {
            EXPECT_TRUE(cpu.rm_inbox.post_vector(tag(), 0x51));
        }
        ASSERT_LT(turns, 10u) << "does not wake";
    });
    EXPECT_EQ(next, Next::enter);
    EXPECT_EQ(turns, 3u);
    EXPECT_EQ(field(Field::guest_rip), 0x101u);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 0x51);
    EXPECT_EQ(cpu.rm.apic.mp_state, MpState::runnable);
}

TEST_F(WithApic, HltWithInterruptsOffWakesForAnNmiAlone) {
    start();
    enable();
    set_field(Field::guest_rflags, 2);
    unsigned turns = 0;
    waiting_exit(ExitReason::hlt, [&] {
        ++turns;
        EXPECT_TRUE(turns == 5 ? cpu.rm_inbox.post_nmi(tag())
                               : cpu.rm_inbox.post_vector(tag(), 0x51));
        ASSERT_LT(turns, 10u);
    });
    EXPECT_EQ(turns, 5u);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 2);
}

TEST_F(WithApic, AnIpiWithAVectorThatIsNoneIsAnErrorOfTheSender) {
    constexpr u32 self = 0x40000, first_legal = 16;
    start();
    enable();
    for (const u32 vector : {first_legal, first_legal - 1}) {
        EXPECT_TRUE(x2apic_write(0x830, self | vector));
        EXPECT_TRUE(x2apic_write(0x828, 0));
        EXPECT_EQ(page().read(ApicRegister::esr), vector < first_legal ? bit(5) : 0);
    }
}

TEST_F(WithApic, AKickEndsTheWait) {
    start();
    unsigned turns = 0;
    waiting_exit(ExitReason::hlt, [&] {
        if (++turns == 2) cpu.shared.kick = 1;
        if (cpu.shared.state != VISOR_CPU_PARKED) return;
        EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_KICK);
        cpu.shared.kick = 0;
        EXPECT_TRUE(cpu.rm_inbox.post_nmi(tag()));
        cpu.shared.command = VISOR_COMMAND_RUN;
        ASSERT_LT(turns, 10u);
    });
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_RUNNING) << "it went on waiting, and woke";
}

TEST_F(WithApic, TheTimerEndsTheWait) {
    start();
    enable();
    set_field(Field::guest_rflags, 0x202);
    x2apic_write(0x832, 0x42);
    x2apic_write(0x83e, 0xb);
    x2apic_write(0x838, 5000);
    unsigned turns = 0;
    waiting_exit(ExitReason::hlt, [&] { ASSERT_LT(++turns, 1000u); });
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 0x42);
}

TEST_F(WithApic, TheTimerIsADeadlineOfTheClock) {
    start();
    enable();
    x2apic_write(0x832, 0x42);
    x2apic_write(0x838, 1000);
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(deadline(cpu.rm.clock, Deadline::apic_timer), *local().timer.deadline());
    x2apic_write(0x832, 0x10042);
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(deadline(cpu.rm.clock, Deadline::apic_timer), never) << "masked";
}

TEST_F(WithApic, AWriteIntoThePageIsDoneAfterwards) {
    start();
    page().write(ApicRegister::svr, 0x1ff);
    exit(ExitReason::apic_write, 0xf0, 0);
    page().write(ApicRegister::icr_low, 0x40041);
    set_field(Field::guest_rflags, 2);
    exit(ExitReason::apic_write, 0x300, 0);
    EXPECT_TRUE(page().contains(ApicRegister::irr0, 0x41));
    EXPECT_EQ(field(Field::tpr_threshold), 0u);
    page().write(ApicRegister::tpr, 0x50);
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(field(Field::tpr_threshold), 4u);
    EXPECT_FALSE(stopped());
}

TEST_F(WithApic, WhatHardwareCantDoIsItsOwners) {
    start();
    exit(ExitReason::apic_access, 0x0390);
    EXPECT_TRUE(stopped());
    EXPECT_EQ(stop.reason, VISOR_STOP_MEMORY);
    EXPECT_EQ(stop.guest_physical, 0xfee00390u);
}

TEST_F(WithApic, RegistersOfItsOwnersLeaveTheLowerTprAlone) {
    start();
    page().write(ApicRegister::tpr, 0x37);
    visor_vcpu_state state{};
    ASSERT_TRUE(get_state(cpu, state).ok());
    EXPECT_EQ(state.cr8, 3u);
    state.gprs.rax = 1;
    ASSERT_TRUE(set_state(cpu, state).ok());
    EXPECT_EQ(page().read(ApicRegister::tpr), 0x37u);
    state.cr8 = 5;
    ASSERT_TRUE(set_state(cpu, state).ok());
    EXPECT_EQ(page().read(ApicRegister::tpr), 0x50u);
}

// SDM: IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT.
TEST_F(WithApic, RegistersAfterInit) {
    start();
    enable();
    const u64 before_pat = 0x0102030405060706 & 0;
    set_field(Field::guest_pat, before_pat);
    set_field(Field::guest_sysenter_eip, 0x1234);
    set_field(Field::guest_rflags, 0x202);
    set_field(Field::guest_cs_selector, 0x1234);
    set_field(Field::guest_cr3, 0x5000);
    set_field(Field::guest_dr7, 0x455);
    set_field(Field::cr0_read_shadow, mask(Cr0::pe, Cr0::cd, Cr0::et));
    set_field(Field::guest_activity, 1);
    fake::cpu().cr2 = 0x77;
    fake::cpu().fpu.fcw = 0x37f;
    for (u64* gpr = &gprs.rax; gpr <= &gprs.r15; ++gpr) *gpr = 0x5555;
    cpu.rm.events.nmis = 1;
    EXPECT_TRUE(cpu.rm_inbox.post_init(tag()));
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_FALSE(stopped());

    const struct {
        Field field;
        u64 value;
    } cases[] = {
        {Field::guest_rip, 0xfff0},
        {Field::guest_rflags, 2},
        {Field::guest_cs_selector, 0xf000},
        {Field::guest_cs_base, 0xffff0000},
        {Field::guest_cs_limit, 0xffff},
        {Field::guest_cs_access_rights, 0x93},
        {Field::guest_ss_selector, 0},
        {Field::guest_ds_base, 0},
        {Field::guest_gs_limit, 0xffff},
        {Field::guest_ldtr_limit, 0xffff},
        {Field::guest_tr_access_rights, 0x8b},
        {Field::guest_gdtr_base, 0},
        {Field::guest_gdtr_limit, 0xffff},
        {Field::guest_idtr_limit, 0xffff},
        {Field::guest_cr3, 0},
        {Field::guest_dr7, 0x400},
        {Field::guest_efer, 0},
        {Field::cr4_read_shadow, 0},
        {Field::cr0_read_shadow, mask(Cr0::cd, Cr0::et)},
        {Field::guest_rsp, 0},
        {Field::guest_activity, 0},
        {Field::guest_interruptibility, 0},
        {Field::guest_debugctl, 0},
        // An INIT leaves these alone.
        {Field::guest_pat, before_pat},
        {Field::guest_sysenter_eip, 0x1234},
    };
    for (const auto& c : cases)
        EXPECT_EQ(field(c.field), c.value) << std::hex << static_cast<u32>(c.field);
    for (const u64* gpr = &gprs.rax; gpr <= &gprs.r15; ++gpr)
        EXPECT_EQ(*gpr, gpr == &gprs.rdx ? fake::cpu().cpuid(1, 0).eax : 0u);
    EXPECT_EQ(fake::cpu().cr2, 0u);
    EXPECT_EQ(fake::cpu().dr6, 0xffff0ff0u);
    EXPECT_EQ(fake::cpu().dr[0], 0u);
    EXPECT_EQ(fake::cpu().fpu.fcw, 0x37f) << "x87 and SSE stay";
    EXPECT_EQ(cpu.rm.apic_base, x2apic_base | mask(ApicBase::bootstrap));
    EXPECT_EQ(page().read(ApicRegister::svr), 0xffu);
    EXPECT_FALSE(injected()) << "the NMI from before is gone";
}

TEST_F(WithApic, EdxAfterInitIsWhatCpuidTells) {
    start();
    cpu.rm_cpuid.count = 1;
    cpu.rm_cpuid.entries[0] = {.leaf = 1, .eax = 0x663};
    EXPECT_TRUE(cpu.rm_inbox.post_init(tag()));
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(gprs.rdx, 0x663u);
}

// Every one of them is one reset and no physical anything.
TEST_F(WithApic, AnInitToItselfInALoop) {
    start();
    enable();
    for (unsigned i = 0; i < 100; ++i) {
        set_field(Field::guest_rip, 0x100);
        EXPECT_TRUE(x2apic_write(0x830, 0x44500));
        exit(ExitReason::cpuid, 0, 2);
        ASSERT_EQ(field(Field::guest_rip), 0xfff0u);
        exit(ExitReason::cpuid, 0, 2);
        ASSERT_EQ(field(Field::guest_rip), 0xfff2u) << "one reset for one write";
    }
}

// ---- physical INITs ----

TEST_F(WithApic, OnePhysicalInitChangesNothing) {
    start();
    set_field(Field::guest_rip, 0x100);
    exit(ExitReason::init_signal, 0, 0);
    EXPECT_FALSE(stopped());
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
    EXPECT_EQ(cpu.stats.guest_exits[3].count, 1u);
}

TEST_F(WithApic, AStormEnds) {
    start();
    unsigned exits = 0;
    while (!stopped() && exits < 100) {
        exit(ExitReason::init_signal, 0, 0);
        ++exits;
    }
    EXPECT_EQ(stop.reason, VISOR_STOP_INIT_STORM);
    EXPECT_EQ(exits, 16u);
    EXPECT_EQ(stop.exit_reason, 3u);
}

TEST_F(WithApic, ProgressIsNoStorm) {
    start();
    for (unsigned i = 0; i < 100; ++i) {
        exit(ExitReason::init_signal, 0, 0);
        ASSERT_FALSE(stopped());
        if (i % 2 == 0)
            exit(ExitReason::cpuid, 0, 2);
        else
            set_field(Field::guest_rip, 0x100 + i);
    }
}

// ---- KVM_GET_LAPIC, KVM_SET_LAPIC ----

TEST_F(WithApic, LapicGroupGivesBackWhatItTook) {
    start();
    auto state = std::make_unique<visor_lapic_state>();
    page().write(ApicRegister::svr, 0x1ff);
    exit(ExitReason::apic_write, 0xf0, 0);
    page().write(ApicRegister::lvt_timer, 0x42);
    exit(ExitReason::apic_write, 0x320, 0);
    page().write(ApicRegister::initial_count, 100000);
    exit(ExitReason::apic_write, 0x380, 0);
    apic::receive(local(), 0x55);
    apic::receive(local(), 0x1f);
    ASSERT_TRUE(apic::get_lapic(cpu, *state).ok());
    reset();
    ASSERT_TRUE(apic::set_lapic(cpu, *state).ok());
    auto again = std::make_unique<visor_lapic_state>();
    ASSERT_TRUE(apic::get_lapic(cpu, *again).ok());
    for (u32 offset = 0; offset < 0x400; offset += 0x10) {
        if (offset == 0x390) continue;  // counts on
        EXPECT_EQ(*reinterpret_cast<u32*>(state->registers + offset),
                  *reinterpret_cast<u32*>(again->registers + offset))
            << std::hex << offset;
    }
    EXPECT_TRUE(local().timer.deadline().has_value());
    cpu.shared.apic = VISOR_APIC_NONE;
    reset();
    EXPECT_EQ(apic::get_lapic(cpu, *state).code, VISOR_UNSUPPORTED);
}

}  // namespace
}  // namespace rmv
