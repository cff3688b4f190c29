// SPDX-License-Identifier: GPL-2.0-only
// Who gets an IPI: destinations and shorthands of both modes.
#include <gtest/gtest.h>

#include <memory>

#include "rm_guest/apic/access.hpp"
#include "rm_guest/apic/icr.hpp"

namespace rmv::apic {
namespace {

constexpr u64 xapic_base = apic_base_default | mask(ApicBase::enabled);
constexpr u64 x2apic_base = xapic_base | mask(ApicBase::x2apic);

struct Target {
    explicit Target(u32 id, u64 base) { reset(apic, *page, id, base); }

    std::unique_ptr<ApicPage> page = std::make_unique<ApicPage>();
    LocalApic apic{};
};

// Which of CPUs 0 to 3 an ICR value of CPU 1 reaches, as bits.
u32 reached(u64 icr, u64 base, u32 dfr = 0xffff'ffff, const u32* logical = nullptr) {
    const auto ipi = decode_icr(icr);
    if (!ipi) return 0;
    u32 found = 0;
    for (u32 id = 0; id < 4; ++id) {
        Target target(id, base);
        if (logical != nullptr) {
            target.page->write(ApicRegister::ldr, logical[id] << 24);
            target.page->write(ApicRegister::dfr, dfr);
        }
        if (is_destination(*ipi, target.apic, id == 1)) found |= 1u << id;
    }
    return found;
}

constexpr u64 to(u32 destination, u32 low) { return join(destination, low); }

TEST(Icr, PhysicalDestinationsAndShorthands) {
    for (const u64 base : {xapic_base, x2apic_base}) {
        EXPECT_EQ(reached(to(2, 0x40), base), 0b0100u);
        EXPECT_EQ(reached(to(1, 0x40), base), 0b0010u);
        EXPECT_EQ(reached(to(9, 0x40), base), 0u);
        EXPECT_EQ(reached(to(broadcast, 0x40), base), 0b1111u);
        EXPECT_EQ(reached(to(9, 0x40040), base), 0b0010u) << "self";
        EXPECT_EQ(reached(to(9, 0x80040), base), 0b1111u) << "all";
        EXPECT_EQ(reached(to(9, 0xc0040), base), 0b1101u) << "all but self";
    }
    EXPECT_EQ(reached(to(0xff, 0x40), x2apic_base), 0u) << "no broadcast in x2APIC mode";
}

TEST(Icr, LogicalDestinations) {
    const u32 flat[] = {1, 2, 4, 8};
    EXPECT_EQ(reached(to(0b0110, 0x840), xapic_base, 0xffff'ffff, flat), 0b0110u);
    EXPECT_EQ(reached(to(0xff, 0x840), xapic_base, 0xffff'ffff, flat), 0b1111u);
    const u32 cluster[] = {0x11, 0x12, 0x21, 0x22};
    EXPECT_EQ(reached(to(0x13, 0x840), xapic_base, 0x0fff'ffff, cluster), 0b0011u);
    EXPECT_EQ(reached(to(0x22, 0x840), xapic_base, 0x0fff'ffff, cluster), 0b1000u);
    EXPECT_EQ(reached(to(0xf1, 0x840), xapic_base, 0x0fff'ffff, cluster), 0b0101u);
    EXPECT_EQ(reached(to(0x13, 0x840), xapic_base, 0x5fff'ffff, cluster), 0u) << "no such model";
    EXPECT_EQ(reached(to(0x0000'0009, 0x840), x2apic_base), 0b1001u);
    EXPECT_EQ(reached(to(0x0001'000f, 0x840), x2apic_base), 0u) << "another cluster";
    EXPECT_EQ(reached(to(broadcast, 0x840), x2apic_base), 0b1111u);
}

TEST(Icr, NothingReachesAnApicThatIsOff) {
    const auto ipi = decode_icr(to(0, 0x80040));
    Target off(0, apic_base_default);
    ASSERT_TRUE(ipi);
    EXPECT_FALSE(is_destination(*ipi, off.apic, true));
}

TEST(Icr, WhatIsSent) {
    const struct {
        u32 low;
        std::optional<DeliveryMode> mode;
    } cases[] = {
        {0x0041, DeliveryMode::fixed},   {0x0141, DeliveryMode::lowest_priority},
        {0x0200, std::nullopt},                                         // SMI
        {0x0300, std::nullopt},                                         // reserved
        {0x0400, DeliveryMode::nmi},     {0x0500, DeliveryMode::init},  // edge, level 0
        {0x4500, DeliveryMode::init},    {0xc500, DeliveryMode::init},
        {0x8500, std::nullopt},                                   // level de-assert
        {0x0608, DeliveryMode::startup}, {0x0741, std::nullopt},  // ExtINT
    };
    for (const auto& c : cases) {
        const auto ipi = decode_icr(c.low);
        ASSERT_EQ(ipi.has_value(), c.mode.has_value()) << std::hex << c.low;
        if (ipi) {
            EXPECT_EQ(ipi->mode, *c.mode);
            EXPECT_EQ(ipi->vector, c.low & 0xff);
        }
    }
}

}  // namespace
}  // namespace rmv::apic
