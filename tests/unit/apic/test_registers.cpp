// SPDX-License-Identifier: GPL-2.0-only
// Registers: the page of xAPIC mode, what an INIT leaves, changes of mode, errors, priorities.
#include <gtest/gtest.h>

#include <memory>

#include "rm_guest/apic/access.hpp"

namespace rmv::apic {
namespace {

constexpr u64 off = apic_base_default;
constexpr u64 xapic = off | mask(ApicBase::enabled);
constexpr u64 x2apic = xapic | mask(ApicBase::x2apic);

class ApicRegisters : public ::testing::Test {
protected:
    ApicRegisters() { reset(apic, *page, 3, xapic); }

    // What hardware does with a guest's write, then the exit.
    WriteResult store(ApicRegister reg, u32 value) {
        page->write(reg, value);
        return written_to_page(apic, static_cast<u32>(reg), now);
    }
    void enable() { store(ApicRegister::svr, 0x1ff); }

    std::unique_ptr<ApicPage> page = std::make_unique<ApicPage>();
    LocalApic apic{};
    u64 now = 1000;
};

TEST_F(ApicRegisters, AfterPowerUp) {
    const struct {
        ApicRegister reg;
        u32 value;
    } cases[] = {
        {ApicRegister::id, 3u << 24},
        {ApicRegister::version, 0x50014},
        {ApicRegister::tpr, 0},
        {ApicRegister::ldr, 0},
        {ApicRegister::dfr, 0xffff'ffff},
        {ApicRegister::svr, 0xff},
        {ApicRegister::lvt_timer, 0x10000},
        {ApicRegister::lvt_thermal, 0x10000},
        {ApicRegister::lvt_lint0, 0x10000},
        {ApicRegister::lvt_lint1, 0x10000},
        {ApicRegister::lvt_error, 0x10000},
        {ApicRegister::lvt_performance, 0x10000},
        {ApicRegister::icr_low, 0},
        {ApicRegister::initial_count, 0},
        {ApicRegister::divide_configuration, 0},
    };
    for (const auto& c : cases)
        EXPECT_EQ(page->read(c.reg), c.value) << std::hex << static_cast<u32>(c.reg);
}

TEST_F(ApicRegisters, InitKeepsModeAndId) {
    enable();
    store(ApicRegister::ldr, 0x08000000);
    store(ApicRegister::lvt_timer, 0x20041);
    store(ApicRegister::initial_count, 100);
    receive(apic, 0x50);
    init(apic);
    EXPECT_EQ(page->read(ApicRegister::id), 3u << 24);
    EXPECT_EQ(page->read(ApicRegister::svr), 0xffu);
    EXPECT_EQ(page->read(ApicRegister::ldr), 0u);
    EXPECT_EQ(page->highest(ApicRegister::irr0), std::nullopt);
    EXPECT_EQ(next_deadline(apic), std::nullopt);
    EXPECT_EQ(apic.base, xapic);

    change_base(apic, x2apic);
    init(apic);
    EXPECT_EQ(page->read(ApicRegister::id), 3u);
    EXPECT_EQ(page->read(ApicRegister::ldr), 8u) << "the logical x2APIC ID is the ID's";
}

TEST_F(ApicRegisters, WritesToThePageReadBackAsHardwareHasThem) {
    enable();
    const struct {
        ApicRegister reg;
        u32 written, read;
    } cases[] = {
        {ApicRegister::id, 0x55000000, 3u << 24},
        {ApicRegister::ldr, 0x12345678, 0x12000000},
        {ApicRegister::dfr, 0, 0x0fffffff},
        {ApicRegister::svr, 0xffffffff, 0x1ff},
        {ApicRegister::lvt_timer, 0xffffffff, 0x700ff},
        {ApicRegister::lvt_error, 0xffffffff, 0x100ff},
        {ApicRegister::lvt_thermal, 0xffffffff, 0x107ff},
        {ApicRegister::lvt_lint0, 0xffffffff, 0x1a7ff},
        {ApicRegister::divide_configuration, 0xffffffff, 0xb},
        {ApicRegister::icr_high, 0x12345678, 0x12000000},
        {ApicRegister::tpr, 0x1ff, 0xff},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(store(c.reg, c.written).outcome, Written::done);
        EXPECT_EQ(page->read(c.reg), c.read) << std::hex << static_cast<u32>(c.reg);
    }
}

TEST_F(ApicRegisters, AWriteInsideARegisterIsOfThatRegister) {
    for (u32 byte = 0; byte < apic_register_stride; ++byte) {
        page->write(ApicRegister::ldr, 0x12345678);
        const u32 offset = static_cast<u32>(ApicRegister::ldr) + byte;
        EXPECT_EQ(written_to_page(apic, offset, now).outcome, Written::done);
        EXPECT_EQ(page->read(ApicRegister::ldr), 0x12000000u) << byte;
    }
}

TEST_F(ApicRegisters, AClearedSetIsEmptyAndItsNeighboursAreNot) {
    constexpr ApicRegister sets[] = {ApicRegister::isr0, ApicRegister::tmr0, ApicRegister::irr0};
    for (const ApicRegister cleared : sets) {
        for (const ApicRegister set : sets)
            for (u32 vector = 0; vector < 256; ++vector) page->add(set, static_cast<u8>(vector));
        page->clear(cleared);
        for (const ApicRegister set : sets)
            for (u32 vector = 0; vector < 256; ++vector)
                ASSERT_EQ(page->contains(set, static_cast<u8>(vector)), set != cleared) << vector;
    }
}

TEST_F(ApicRegisters, ThePriorityFollowsWhatIsInService) {
    enable();
    receive(apic, 0x51);
    take(apic, 0x51);
    EXPECT_EQ(page->read(ApicRegister::ppr), 0x50u);
    end_of_interrupt(apic);
    EXPECT_EQ(page->read(ApicRegister::ppr), 0u);
}

TEST_F(ApicRegisters, IcrOfThePage) {
    page->write(ApicRegister::icr_high, 2u << 24);
    EXPECT_EQ(store(ApicRegister::icr_low, 0xfff35041),
              (WriteResult{Written::send, join(2, 0x4041)}));
    EXPECT_EQ(page->read(ApicRegister::icr_low), 0x4041u) << "idle, reserved bits gone";
    page->write(ApicRegister::icr_high, 0xffu << 24);
    EXPECT_EQ(store(ApicRegister::icr_low, 0x500).icr, join(0xffff'ffff, 0x500)) << "broadcast";
    EXPECT_EQ(store(ApicRegister::icr_low, 0x841).icr, join(0xff, 0x841)) << "logical";
}

TEST_F(ApicRegisters, SoftwareDisabled) {
    receive(apic, 0x50);
    EXPECT_EQ(page->highest(ApicRegister::irr0), std::nullopt);
    store(ApicRegister::lvt_timer, 0x41);
    EXPECT_EQ(page->read(ApicRegister::lvt_timer), 0x10041u) << "masked for good";
    enable();
    receive(apic, 0x50);
    store(ApicRegister::lvt_lint0, 0x700);
    store(ApicRegister::svr, 0xff);
    EXPECT_EQ(page->read(ApicRegister::lvt_lint0), 0x10700u);
    EXPECT_TRUE(page->contains(ApicRegister::irr0, 0x50)) << "held";
    EXPECT_EQ(deliverable(apic), std::nullopt);
}

TEST_F(ApicRegisters, Priorities) {
    enable();
    receive(apic, 0x45);
    receive(apic, 0x61);
    EXPECT_EQ(deliverable(apic), 0x61);
    take(apic, 0x61);
    EXPECT_EQ(processor_priority(apic), 0x60u);
    EXPECT_EQ(deliverable(apic), std::nullopt);
    receive(apic, 0x6f);
    EXPECT_EQ(deliverable(apic), std::nullopt) << "same class";
    store(ApicRegister::eoi, 0);
    EXPECT_EQ(deliverable(apic), 0x6f);
    store(ApicRegister::tpr, 0x6a);
    EXPECT_EQ(processor_priority(apic), 0x6au);
    EXPECT_EQ(deliverable(apic), std::nullopt);
    EXPECT_EQ(tpr_threshold(apic), 6u);
    store(ApicRegister::tpr, 0x5f);
    EXPECT_EQ(deliverable(apic), 0x6f);
    EXPECT_EQ(tpr_threshold(apic), 0u);
}

TEST_F(ApicRegisters, Errors) {
    enable();
    store(ApicRegister::lvt_error, 0x33);
    receive(apic, 5);
    EXPECT_EQ(page->read(ApicRegister::esr), 0u) << "seen only after a write";
    EXPECT_TRUE(page->contains(ApicRegister::irr0, 0x33));
    store(ApicRegister::esr, 0xdead);
    EXPECT_EQ(page->read(ApicRegister::esr), 0x40u);
    store(ApicRegister::esr, 0);
    EXPECT_EQ(page->read(ApicRegister::esr), 0u);
    store(ApicRegister::lvt_error, 3);
    receive(apic, 5);  // an illegal vector in the entry itself: no second error for it
    store(ApicRegister::esr, 0);
    EXPECT_EQ(page->read(ApicRegister::esr), 0x40u);
}

TEST_F(ApicRegisters, ChangesOfMode) {
    const struct {
        u64 from, to;
        bool allowed;
    } cases[] = {
        {xapic, xapic, true},
        {xapic, x2apic, true},
        {xapic, off, true},
        {x2apic, x2apic, true},
        {x2apic, xapic, false},
        {x2apic, off, true},
        {off, off, true},
        {off, xapic, true},
        {off, x2apic, false},
        {xapic, off | mask(ApicBase::x2apic), false},
        {xapic, xapic + 0x1000, false},
        {xapic, xapic | 1, false},
        {xapic, xapic | bit(40), false},
    };
    for (const auto& c : cases)
        EXPECT_EQ(can_change_base(c.from, c.to), c.allowed) << std::hex << c.from << ' ' << c.to;
}

TEST_F(ApicRegisters, OffAndOnAgainIsAReset) {
    enable();
    store(ApicRegister::tpr, 0x40);
    change_base(apic, off);
    receive(apic, 0x50);
    EXPECT_EQ(deliverable(apic), std::nullopt);
    change_base(apic, xapic);
    EXPECT_EQ(page->read(ApicRegister::svr), 0xffu);
    EXPECT_EQ(page->read(ApicRegister::tpr), 0u);
}

TEST_F(ApicRegisters, MsrsOnlyInX2apicMode) {
    EXPECT_EQ(read_msr(apic, 0x802, now), std::nullopt);
    EXPECT_EQ(write_msr(apic, 0x808, 0, now).outcome, Written::fault);
    change_base(apic, x2apic);
    EXPECT_EQ(read_msr(apic, 0x802, now), 3u);
    EXPECT_EQ(read_msr(apic, 0x80e, now), std::nullopt) << "no DFR";
    EXPECT_EQ(read_msr(apic, 0x831, now), std::nullopt) << "the ICR is one register";
    EXPECT_EQ(read_msr(apic, 0x8ff, now), std::nullopt);
    EXPECT_EQ(write_msr(apic, 0x83f, 0x44, now), (WriteResult{Written::send, 0x40044}));
    EXPECT_EQ(write_msr(apic, 0x830, join(7, 0x4500), now),
              (WriteResult{Written::send, join(7, 0x4500)}));
    EXPECT_EQ(read_msr(apic, 0x830, now), join(7, 0x4500));
}

TEST_F(ApicRegisters, TheTimerWaitsForItsVectorToBeTaken) {
    enable();
    store(ApicRegister::lvt_timer, 0x20041);
    store(ApicRegister::divide_configuration, 0xb);
    store(ApicRegister::initial_count, 100);
    EXPECT_EQ(next_deadline(apic), 1100u);
    run_timer(apic, 1099);
    EXPECT_EQ(deliverable(apic), std::nullopt);
    run_timer(apic, 1450);
    EXPECT_EQ(deliverable(apic), 0x41);
    EXPECT_EQ(next_deadline(apic), std::nullopt) << "another one would change nothing";
    take(apic, 0x41);
    EXPECT_EQ(next_deadline(apic), 1500u);
    store(ApicRegister::lvt_timer, 0x30041);
    EXPECT_EQ(next_deadline(apic), std::nullopt) << "masked";
}

}  // namespace
}  // namespace rmv::apic
