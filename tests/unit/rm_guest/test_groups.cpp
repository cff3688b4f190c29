// SPDX-License-Identifier: GPL-2.0-only
// GET_STATE and SET_STATE of the groups beside REGS (test_state.cpp).
#include <cstring>

#include "rm_guest/guest.hpp"
#include "vmx/controls.hpp"

namespace rmv {
namespace {

class Groups : public Guest {
protected:
    void SetUp() override { reset(); }

    u32 get(visor_group group) {
        cpu.shared.group = group;
        command(VISOR_COMMAND_GET_STATE);
        return status();
    }
    u32 set(visor_group group) {
        cpu.shared.group = group;
        command(VISOR_COMMAND_SET_STATE);
        return status();
    }
    visor_group_data& data = cpu.shared.group_data;
};

TEST_F(Groups, WhatIsNotThereIsSaid) {
    for (u32 group = 0; group <= VISOR_GROUP_COUNT; ++group) {
        const bool has = visor_has_group(group) != 0;
        data = {};
        EXPECT_EQ(get(static_cast<visor_group>(group)), has ? VISOR_OK : VISOR_UNSUPPORTED)
            << group;
        if (!has) {
            EXPECT_EQ(set(static_cast<visor_group>(group)), VISOR_UNSUPPORTED) << group;
        }
    }
}

TEST_F(Groups, NoneBeforeReset) {
    cpu.rm.configured = false;
    for (u32 group = 0; group < VISOR_GROUP_COUNT; ++group) {
        EXPECT_EQ(get(static_cast<visor_group>(group)), VISOR_WRONG_STATE);
        EXPECT_EQ(set(static_cast<visor_group>(group)), VISOR_WRONG_STATE);
    }
}

// ---- FPU ----

TEST_F(Groups, NothingOfLinuxIsInTheExtendedStates) {
    std::memset(fake::cpu().upper_halves, 0xa5, sizeof(fake::cpu().upper_halves));
    fake::cpu().xcr0 = fake::cpu().components_in_use = 7;
    cpu.linux_xcr0 = 7;
    reset();
    EXPECT_EQ(fake::cpu().xcr0, 1u);
    ASSERT_EQ(get(VISOR_GROUP_FPU), VISOR_OK);
    EXPECT_EQ(data.fpu.xcr0, 1u);
    for (u32 i = 576; i < RMV_XSAVE_BYTES; ++i) ASSERT_EQ(data.fpu.area[i], 0) << i;
}

TEST_F(Groups, NothingOfAGuestIsLeftForLinux) {
    ASSERT_EQ(get(VISOR_GROUP_FPU), VISOR_OK);
    data.fpu.xcr0 = 7;
    data.fpu.area[512] = 7;
    std::memset(data.fpu.area + 576, 0x5a, 256);
    ASSERT_EQ(set(VISOR_GROUP_FPU), VISOR_OK);
    fake::cpu().dr[2] = 0x1234;
    cpu.linux_xcr0 = 3;
    command(VISOR_COMMAND_GIVE_BACK);
    EXPECT_EQ(fake::cpu().xcr0, 3u);
    EXPECT_EQ(fake::cpu().dr[2], 0u);
    EXPECT_EQ(fake::cpu().fpu.fcw, 0x37f);
}

// In the lab: case endure-tigerlake.
class ProtectionKeys : public Groups {
protected:
    static constexpr u64 linux_xcr0 = 0x207;
    static constexpr u32 linux_pkru = 0x55555554;

    void SetUp() override {
        fake::cpu().xcr0_settable = linux_xcr0;
        fake::cpu().leaves[{7, 0}].ecx |= 3u << 3;  // PKU, OSPKE
        fake::cpu().cr4 |= mask(Cr4::pke);
        as_linux_left_it();
        cpu.linux_xcr0 = linux_xcr0;
        reset();
    }
    static void as_linux_left_it() {
        fake::cpu().xcr0 = fake::cpu().components_in_use = linux_xcr0;
        fake::cpu().pkru = linux_pkru;
    }
};

TEST_F(ProtectionKeys, LinuxsAreNotInAGuest) {
    EXPECT_EQ(fake::cpu().pkru, 0u);
    EXPECT_EQ(fake::cpu().xcr0, 1u);
    EXPECT_EQ(field(Field::guest_cr4) & mask(Cr4::pke), 0u) << "RDPKRU and WRPKRU are undefined";
    ASSERT_EQ(get(VISOR_GROUP_FPU), VISOR_OK);
    constexpr u64 pkru_component = 1u << 9;
    u64 in_use = 0;
    std::memcpy(&in_use, data.fpu.area + 512, sizeof(in_use));
    EXPECT_EQ(in_use & pkru_component, 0u);
}

// An owner can't put any there either, by an image or by XCR0: nothing changes.
TEST_F(ProtectionKeys, NobodyGivesAGuestSome) {
    ASSERT_EQ(get(VISOR_GROUP_FPU), VISOR_OK);
    const visor_fpu_state good = data.fpu;
    data.fpu.xcr0 = linux_xcr0;
    EXPECT_EQ(set(VISOR_GROUP_FPU), VISOR_BAD_ARGUMENT);
    data.fpu = good;
    data.fpu.area[513] |= 2;  // XSTATE_BV
    EXPECT_EQ(set(VISOR_GROUP_FPU), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(fake::cpu().pkru, 0u);
    run();
    set_field(Field::guest_cr4, mask(Cr4::osxsave, Cr4::vmxe, Cr4::mce));
    gprs.rax = linux_xcr0;
    gprs.rcx = gprs.rdx = 0;
    EXPECT_EQ(exit(ExitReason::xsetbv, 0, 3), Next::enter);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, static_cast<u8>(Vector::general_protection));
    EXPECT_EQ(fake::cpu().xcr0, 1u);
}

TEST_F(ProtectionKeys, NothingIsLeftForLinux) {
    fake::cpu().pkru = 0x1234;
    fake::cpu().components_in_use |= 1u << 9;
    command(VISOR_COMMAND_GIVE_BACK);
    EXPECT_EQ(fake::cpu().pkru, 0u);
    EXPECT_EQ(fake::cpu().xcr0, linux_xcr0);
    EXPECT_EQ(fake::cpu().components_in_use & ~u64{3}, 0u);
}

TEST_F(Groups, FpuRoundTrip) {
    ASSERT_EQ(get(VISOR_GROUP_FPU), VISOR_OK);
    data.fpu.xcr0 = 3;
    data.fpu.area[0] = 0x7f;
    data.fpu.area[512] = 7;
    std::memset(data.fpu.area + 576, 0x5a, 256);
    ASSERT_EQ(set(VISOR_GROUP_FPU), VISOR_OK);
    EXPECT_EQ(fake::cpu().xcr0, 3u);
    EXPECT_EQ(fake::cpu().fpu.fcw & 0xff, 0x7f);
    data = {};
    ASSERT_EQ(get(VISOR_GROUP_FPU), VISOR_OK);
    EXPECT_EQ(data.fpu.xcr0, 3u);
    EXPECT_EQ(data.fpu.area[0], 0x7f);
    EXPECT_EQ(data.fpu.area[576 + 255], 0x5a) << "saved though XCR0 has it off";
    EXPECT_EQ(fake::cpu().xcr0, 3u);
}

TEST_F(Groups, ImagesThatXrstorRefusesAreRefused) {
    ASSERT_EQ(get(VISOR_GROUP_FPU), VISOR_OK);
    const visor_fpu_state good = data.fpu;
    const auto refused = [&](auto spoil) {
        data.fpu = good;
        spoil(data.fpu);
        return set(VISOR_GROUP_FPU) == VISOR_BAD_ARGUMENT;
    };
    EXPECT_TRUE(refused([](visor_fpu_state& s) { s.area[512] |= 8; })) << "XSTATE_BV";
    EXPECT_TRUE(refused([](visor_fpu_state& s) { s.area[519] |= 0x80; })) << "XSTATE_BV";
    EXPECT_TRUE(refused([](visor_fpu_state& s) { s.area[527] |= 0x80; })) << "XCOMP_BV";
    EXPECT_TRUE(refused([](visor_fpu_state& s) { s.area[575] = 1; })) << "reserved";
    EXPECT_TRUE(refused([](visor_fpu_state& s) { s.area[27] = 1; })) << "MXCSR";
    for (const u64 xcr0 : {0u, 2u, 5u, 9u, 0xe1u})
        EXPECT_TRUE(refused([&](visor_fpu_state& s) { s.xcr0 = xcr0; })) << xcr0;
}

TEST_F(Groups, WithoutXsaveThereIsFxsave) {
    globals.has_xsave = false;
    globals.guest_xcr0 = 1;
    ASSERT_EQ(get(VISOR_GROUP_FPU), VISOR_OK);
    EXPECT_EQ(data.fpu.xcr0, 1u);
    data.fpu.area[0] = 0x3f;
    ASSERT_EQ(set(VISOR_GROUP_FPU), VISOR_OK);
    EXPECT_EQ(fake::cpu().fpu.fcw & 0xff, 0x3f);
    data.fpu.xcr0 = 3;
    EXPECT_EQ(set(VISOR_GROUP_FPU), VISOR_BAD_ARGUMENT);
}

TEST_F(Groups, XsetbvByTheGuest) {
    run();
    const auto xsetbv = [&](u32 xcr, u64 value) {
        set_field(Field::entry_interruption_info, 0);
        gprs.rcx = xcr;
        gprs.rax = low32(value);
        gprs.rdx = high32(value);
        EXPECT_EQ(exit(ExitReason::xsetbv, 0, 3), Next::enter);
        return !injected().has_value();
    };
    EXPECT_FALSE(xsetbv(0, 3)) << "CR4.OSXSAVE is clear";
    EXPECT_EQ(injected()->vector, static_cast<u8>(Vector::invalid_opcode));
    set_field(Field::guest_cr4, mask(Cr4::osxsave, Cr4::vmxe));
    EXPECT_TRUE(xsetbv(0, 7));
    EXPECT_EQ(fake::cpu().xcr0, 7u);
    for (const u64 bad : {u64{0}, u64{6}, u64{5}, u64{0x207}, bit(63) | 7})
        EXPECT_FALSE(xsetbv(0, bad)) << bad;
    EXPECT_FALSE(xsetbv(1, 1));
    EXPECT_EQ(fake::cpu().xcr0, 7u);
}

// ---- debug registers ----

TEST_F(Groups, DebugRegisters) {
    data.debug = {.db = {1, 2, 3, 4}, .dr6 = 0xffff0ff1, .dr7 = 0x403};
    ASSERT_EQ(set(VISOR_GROUP_DEBUG), VISOR_OK);
    EXPECT_EQ(fake::cpu().dr[3], 4u);
    EXPECT_EQ(fake::cpu().dr6, 0xffff0ff1u);
    EXPECT_EQ(field(Field::guest_dr7), 0x403u);
    data = {};
    ASSERT_EQ(get(VISOR_GROUP_DEBUG), VISOR_OK);
    EXPECT_EQ(data.debug.db[0], 1u);
    EXPECT_EQ(data.debug.dr6, 0xffff0ff1u);
    EXPECT_EQ(data.debug.dr7, 0x403u);
    data.debug.dr7 |= bit(32);
    EXPECT_EQ(set(VISOR_GROUP_DEBUG), VISOR_BAD_ARGUMENT);
    data.debug.dr7 = 0x400;
    data.debug.dr6 |= bit(63);
    EXPECT_EQ(set(VISOR_GROUP_DEBUG), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(field(Field::guest_dr7), 0x403u);
}

// ---- MSRs ----

TEST_F(Groups, MsrsUpToTheFirstThatIsNotThere) {
    data.msrs.count = 3;
    data.msrs.entries[0] = {.index = 0x174, .reserved = 0, .value = 8};
    data.msrs.entries[1] = {.index = 0x12345, .reserved = 0, .value = 1};
    data.msrs.entries[2] = {.index = 0x174, .reserved = 0, .value = 9};
    ASSERT_EQ(set(VISOR_GROUP_MSRS), VISOR_OK);
    EXPECT_EQ(data.msrs.done, 1u);
    EXPECT_EQ(field(Field::guest_sysenter_cs), 8u);
    data.msrs.entries[0].value = 0;
    ASSERT_EQ(get(VISOR_GROUP_MSRS), VISOR_OK);
    EXPECT_EQ(data.msrs.done, 1u);
    EXPECT_EQ(data.msrs.entries[0].value, 8u);
    data.msrs.count = RMV_MSRS + 1;
    EXPECT_EQ(get(VISOR_GROUP_MSRS), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(set(VISOR_GROUP_MSRS), VISOR_BAD_ARGUMENT);
}

TEST_F(Groups, EveryListedMsrCanBeReadAndWrittenBack) {
    u32 count = 0;
    for (; visor_guest_msr(count) != 0; ++count) {
        data.msrs.count = 1;
        data.msrs.entries[0] = {.index = visor_guest_msr(count), .reserved = 0, .value = 0};
        ASSERT_EQ(get(VISOR_GROUP_MSRS), VISOR_OK);
        EXPECT_EQ(data.msrs.done, 1u) << std::hex << visor_guest_msr(count);
        ASSERT_EQ(set(VISOR_GROUP_MSRS), VISOR_OK);
        EXPECT_EQ(data.msrs.done, 1u) << std::hex << visor_guest_msr(count);
    }
    EXPECT_GE(count, 9u);
    for (u32 beyond = count; beyond < 300; ++beyond) EXPECT_EQ(visor_guest_msr(beyond), 0u);
}

// ---- CPUID ----

TEST_F(Groups, CpuidAnswersFromTheTable) {
    run();
    const auto ask = [&](u32 leaf, u32 subleaf) {
        gprs.rax = leaf | bit(40);
        gprs.rcx = subleaf;
        EXPECT_EQ(exit(ExitReason::cpuid, 0, 2), Next::enter);
        return gprs;
    };
    EXPECT_EQ(ask(0, 0).rbx, 0u) << "no table";
    cpu.rm_cpuid.count = 5;
    cpu.rm_cpuid.entries[0] = {.leaf = 0, .eax = 0xd, .ebx = 0x756e6547};
    cpu.rm_cpuid.entries[1] = {.leaf = 1, .ecx = 1u << 27, .edx = 1u << 9};
    cpu.rm_cpuid.entries[2] = {.leaf = 0xd, .subleaf = 0, .subleaf_matters = 1, .eax = 7};
    cpu.rm_cpuid.entries[3] = {.leaf = 0xd, .subleaf = 2, .subleaf_matters = 1, .eax = 0x100};
    cpu.rm_cpuid.entries[4] = {.leaf = 0x80000000, .eax = 0x80000008};
    EXPECT_EQ(ask(0, 7).rbx, 0x756e6547u) << "the subleaf does not matter";
    EXPECT_EQ(ask(1, 0).rcx, 0u) << "CR4.OSXSAVE is clear";
    EXPECT_EQ(ask(1, 0).rdx, u64{1u << 9});
    set_field(Field::guest_cr4, mask(Cr4::osxsave, Cr4::vmxe));
    EXPECT_EQ(ask(1, 0).rcx, u64{1u << 27});
    EXPECT_EQ(ask(0xd, 2).rax, 0x100u);
    EXPECT_EQ(ask(0xd, 3).rax, 0u);
    EXPECT_EQ(ask(0xd, 0).rbx, 576u) << "XCR0 is 1";
    fake::cpu().xcr0 = 7;
    EXPECT_EQ(ask(0xd, 0).rbx, 832u);
    EXPECT_EQ(ask(3, 0).rax, 0u) << "in range and not there";
    EXPECT_EQ(ask(0x1000, 2).rax, 0x100u) << "out of range: the last basic leaf";
    EXPECT_EQ(ask(0x80000005, 0).rax, 0u);
    EXPECT_EQ(ask(0x80000009, 2).rax, 0x100u);
    EXPECT_EQ(ask(0xb, 5).rcx, 0u) << "no topology";
    cpu.rm_cpuid.entries[cpu.rm_cpuid.count++] = {
        .leaf = 0xb, .subleaf = 1, .subleaf_matters = 1, .edx = 9};
    EXPECT_EQ(ask(0xb, 0x105).rcx, 5u);
    EXPECT_EQ(ask(0xb, 5).rdx, 9u);
    cpu.rm_cpuid.entries[cpu.rm_cpuid.count++] = {.leaf = 0x40000000, .eax = 0x40000010};
    EXPECT_EQ(ask(0x40000001, 2).rax, 0u) << "a hypervisor's, in range and not there";
    EXPECT_EQ(ask(0x40000010, 2).rax, 0u);
    EXPECT_EQ(ask(0x40000011, 2).rax, 0x100u);
    EXPECT_EQ(ask(0x40000101, 2).rax, 0x100u) << "another hypervisor's";
}

TEST_F(Groups, CpuidTable) {
    data.cpuid.count = 1;
    data.cpuid.entries[0] = {.leaf = 1, .ecx = 1u << 27};
    ASSERT_EQ(set(VISOR_GROUP_CPUID), VISOR_OK);
    data = {};
    ASSERT_EQ(get(VISOR_GROUP_CPUID), VISOR_OK);
    EXPECT_EQ(data.cpuid.count, 1u);
    EXPECT_EQ(data.cpuid.entries[0].ecx, 0u) << "as the guest sees it now";
    data.cpuid.count = RMV_CPUID_ENTRIES + 1;
    EXPECT_EQ(set(VISOR_GROUP_CPUID), VISOR_BAD_ARGUMENT);
    reset();
    ASSERT_EQ(get(VISOR_GROUP_CPUID), VISOR_OK);
    EXPECT_EQ(data.cpuid.count, 0u) << "of the guest before";
}

TEST_F(Groups, CpuidTableFollowsTheRegisters) {
    constexpr u32 apic_bit = 1u << 9;
    data.cpuid.count = 3;
    data.cpuid.entries[0] = {.leaf = 0, .eax = 7};
    data.cpuid.entries[1] = {.leaf = 1, .ecx = 1u << 27, .edx = ~0u};
    data.cpuid.entries[2] = {.leaf = 7, .ebx = 5};
    ASSERT_EQ(set(VISOR_GROUP_CPUID), VISOR_OK);
    for (const u64 base : {0xfee00900u, 0xfee00100u}) {
        cpu.rm.apic_base = base;
        data = {};
        ASSERT_EQ(get(VISOR_GROUP_CPUID), VISOR_OK);
        EXPECT_EQ(data.cpuid.entries[0].eax, 7u);
        EXPECT_EQ(data.cpuid.entries[1].edx, base == 0xfee00900 ? ~0u : ~apic_bit);
        EXPECT_EQ(data.cpuid.entries[2].ebx, 5u);
    }
}

// ---- events ----

TEST_F(Groups, AnInterruptWaits) {
    data.events = {};
    data.events.interrupt_injected = 1;
    data.events.interrupt_vector = 0x21;
    ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_FALSE(injected()) << "IF is clear";
    EXPECT_TRUE(cpu.rm.events.has_interrupt);
    data = {};
    ASSERT_EQ(get(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_EQ(data.events.interrupt_injected, 1);
    EXPECT_EQ(data.events.interrupt_vector, 0x21);
    data.events.interrupt_injected = 0;
    ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_FALSE(cpu.rm.events.has_interrupt);
}

TEST_F(Groups, EachShadowOfAnInstructionIsSeen) {
    constexpr u8 by_mov_ss = 1, by_sti = 2;  // KVM_X86_SHADOW_INT_*
    for (const auto& [blocking, seen] : {std::pair{Interruptibility::blocking_by_mov_ss, by_mov_ss},
                                         std::pair{Interruptibility::blocking_by_sti, by_sti}}) {
        set_field(Field::guest_interruptibility, mask(blocking));
        data = {};
        ASSERT_EQ(get(VISOR_GROUP_EVENTS), VISOR_OK);
        EXPECT_EQ(data.events.interrupt_shadow, seen);
    }
}

TEST_F(Groups, AnExceptionIsDeliveredByTheNextEntry) {
    data.events = {};
    data.events.exception_injected = 1;
    data.events.exception_vector = 13;
    data.events.exception_has_error_code = 1;
    data.events.exception_error_code = 0x18;
    ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_FALSE(injected()->has_error_code) << "real mode has none";
    protected_mode();
    ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_TRUE(injected()->has_error_code);
    EXPECT_EQ(field(Field::entry_exception_error_code), 0x18u);
    data = {};
    ASSERT_EQ(get(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_EQ(data.events.exception_injected, 1);
    EXPECT_EQ(data.events.exception_vector, 13);
    EXPECT_EQ(data.events.exception_error_code, 0x18u);
    data.events.exception_vector = 3;
    ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_EQ(injected()->type, InterruptionType::software_exception);
    EXPECT_EQ(field(Field::entry_instruction_length), 1u);
    data.events.exception_vector = 32;
    EXPECT_EQ(set(VISOR_GROUP_EVENTS), VISOR_BAD_ARGUMENT);
}

// What the next entry delivers, as an exit in the middle of a delivery leaves it.
TEST_F(Groups, EachCommittedEventIsSeenAsWhatItIs) {
    const auto committed = [this](InterruptionType type, u8 vector) {
        set_field(Field::entry_interruption_info, make_interruption(type, vector));
        data = {};
        EXPECT_EQ(get(VISOR_GROUP_EVENTS), VISOR_OK);
        return data.events;
    };
    visor_events_state events = committed(InterruptionType::external_interrupt, 0x21);
    EXPECT_EQ(events.interrupt_injected, 1);
    EXPECT_EQ(events.interrupt_vector, 0x21);
    EXPECT_EQ(events.interrupt_soft, 0);
    events = committed(InterruptionType::software_interrupt, 0x10);
    EXPECT_EQ(events.interrupt_injected, 1);
    EXPECT_EQ(events.interrupt_vector, 0x10);
    EXPECT_EQ(events.interrupt_soft, 1);
    events = committed(InterruptionType::nmi, 2);
    EXPECT_EQ(events.nmi_injected, 1);
    EXPECT_EQ(events.interrupt_injected | events.exception_injected, 0);
    for (const auto type :
         {InterruptionType::privileged_software_exception, InterruptionType::software_exception,
          InterruptionType::hardware_exception}) {
        events = committed(type, 1);
        EXPECT_EQ(events.exception_injected, 1);
        EXPECT_EQ(events.exception_vector, 1);
        EXPECT_EQ(events.exception_has_error_code, 0);
        EXPECT_EQ(events.interrupt_injected | events.nmi_injected, 0);
    }
    events = committed(InterruptionType::other_event, 0);
    EXPECT_EQ(events.interrupt_injected | events.nmi_injected | events.exception_injected, 0);
}

TEST_F(Groups, AnNmiAndAnIntOfSoftwareAreCommittedAgain) {
    data.events = {};
    data.events.nmi_injected = 1;
    ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_EQ(field(Field::entry_interruption_info), make_interruption(InterruptionType::nmi, 2));
    data.events = {};
    data.events.interrupt_injected = data.events.interrupt_soft = 1;
    data.events.interrupt_vector = 0x10;
    ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_EQ(field(Field::entry_interruption_info),
              make_interruption(InterruptionType::software_interrupt, 0x10));
    EXPECT_FALSE(cpu.rm.events.has_interrupt) << "it does not wait";
    data.events = {};
    ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_FALSE(injected());
}

TEST_F(Groups, ShadowsAreOneOrTheOther) {
    const struct {
        u8 shadow;
        u64 blocking;
    } cases[] = {{0, 0},
                 {1, mask(Interruptibility::blocking_by_mov_ss)},
                 {2, mask(Interruptibility::blocking_by_sti)},
                 {3, mask(Interruptibility::blocking_by_mov_ss)}};
    for (const auto& one : cases) {
        data.events = {};
        data.events.interrupt_shadow = one.shadow;
        ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
        EXPECT_EQ(field(Field::guest_interruptibility), one.blocking) << int{one.shadow};
    }
}

TEST_F(Groups, NmisAndShadows) {
    data.events = {};
    data.events.nmi_pending = 1;
    data.events.nmi_masked = 1;
    data.events.interrupt_shadow = 2;
    ASSERT_EQ(set(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_EQ(field(Field::guest_interruptibility),
              mask(Interruptibility::blocking_by_nmi, Interruptibility::blocking_by_sti));
    data = {};
    ASSERT_EQ(get(VISOR_GROUP_EVENTS), VISOR_OK);
    EXPECT_EQ(data.events.nmi_pending, 1);
    EXPECT_EQ(data.events.nmi_masked, 1);
    EXPECT_EQ(data.events.interrupt_shadow, 2);
    data.events = {};
    data.events.nmi_injected = 1;
    data.events.exception_injected = 1;
    EXPECT_EQ(set(VISOR_GROUP_EVENTS), VISOR_BAD_ARGUMENT) << "one event for one entry";
    data.events = {};
    data.events.mp_state = VISOR_MP_INIT_RECEIVED;
    EXPECT_EQ(set(VISOR_GROUP_EVENTS), VISOR_BAD_ARGUMENT) << "no local APIC";
}

}  // namespace
}  // namespace rmv
