// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "../fake/fixture.hpp"
#include "../fake/mtrr_model.hpp"
#include "ept/linux_map.hpp"
#include "vmx/ept_vpid_cap.hpp"
#include "walk.hpp"

namespace {

using rmv::ept_r;
using rmv::ept_rwx;
using rmv::ept_rx;
using rmv::EptVpidCap;
using rmv::LinuxMap;
using rmv::Mtrr;
using rmv::u64;
using test::MtrrModel;
using test::Walk;

constexpr u64 kib = 1024, mib = 1024 * kib, gib = 1024 * mib;
constexpr u64 cap_1g = rmv::mask(EptVpidCap::page_walk_4, EptVpidCap::paging_structures_wb,
                                 EptVpidCap::page_2m, EptVpidCap::page_1g);
constexpr u64 cap_2m = cap_1g & ~rmv::mask(EptVpidCap::page_1g);
constexpr u64 cap_4k = cap_2m & ~rmv::mask(EptVpidCap::page_2m);

constexpr u64 rwx = 7;

unsigned type_of(u64 entry) { return static_cast<unsigned>(entry >> 3) & 7; }

class LinuxMapTest : public fake::Fixture {
protected:
    ~LinuxMapTest() override { fake::fail_allocation(0); }
    void TearDown() override {
        map.destroy();
        Fixture::TearDown();
    }

    Mtrr read() {
        model.install(fake::cpu());
        return Mtrr::read(model.physical_bits);
    }
    rmv::Status build(u64 cap) { return map.build(read(), model.physical_bits, cap); }
    [[nodiscard]] Walk walk() const { return test::walk_ept(map.ept_pointer()); }

    MtrrModel model;
    LinuxMap map;
};

TEST_F(LinuxMapTest, PointerSaysWriteBackFourLevelsNoFlags) {
    ASSERT_TRUE(build(cap_1g).ok());
    EXPECT_EQ(map.ept_pointer() & 0xfff, 0x1eu);
    EXPECT_NE(map.ept_pointer() >> 12, 0u);
}

// The root, 512 pages of 1 GiB (39 bits), and the way down to A0000h.
TEST_F(LinuxMapTest, UniformMemoryNeedsOneTableOfBigPages) {
    ASSERT_TRUE(build(cap_1g).ok());
    EXPECT_EQ(map.pages(), 4u);
    EXPECT_EQ(walk().find(5 * gib).entry, 5 * gib | 0xb7);
}

TEST_F(LinuxMapTest, PageSizesFollowTheCapability) {
    model.physical_bits = 32;
    ASSERT_TRUE(build(cap_2m).ok());
    EXPECT_EQ(walk().find(2 * mib).level, 2u);
    EXPECT_EQ(map.pages(), 2u + 4u + 1u);
    map.destroy();
    ASSERT_TRUE(build(cap_4k).ok());
    EXPECT_EQ(walk().find(0).level, 1u);
    EXPECT_EQ(walk().find(0).entry & 0xff, 0x37u);
    EXPECT_EQ(map.pages(), 2u + 4u + 4u * 512u);
}

TEST_F(LinuxMapTest, EndsAtTheLastPhysicalAddress) {
    model.physical_bits = 36;
    ASSERT_TRUE(build(cap_1g).ok());
    EXPECT_NE(walk().find(64 * gib - 1).entry, 0u);
    EXPECT_EQ(walk().find(64 * gib).entry, 0u);
    EXPECT_EQ(map.entry(64 * gib).word(), 0u);
}

TEST_F(LinuxMapTest, EndsAt48BitsOnWiderCpus) {
    model.physical_bits = 52;
    ASSERT_TRUE(build(cap_1g).ok());
    const u64 last = (u64{1} << 48) - gib;
    EXPECT_EQ(walk().find(last).entry, last | 0xb7);
    EXPECT_EQ(map.pages(), 1u + 512u + 2u);
    EXPECT_EQ(map.entry(u64{1} << 48).word(), 0u);
}

TEST_F(LinuxMapTest, LimitInsideABigPageTakesSmallerOnes) {
    model.physical_bits = 29;  // 512 MiB
    ASSERT_TRUE(build(cap_1g).ok());
    EXPECT_EQ(walk().find(2 * mib).level, 2u);
    EXPECT_EQ(walk().find(512 * mib).entry, 0u);
}

TEST_F(LinuxMapTest, BuiltTwiceIsRefused) {
    ASSERT_TRUE(build(cap_1g).ok());
    EXPECT_EQ(build(cap_1g).code, VISOR_WRONG_STATE);
}

TEST_F(LinuxMapTest, DestroyOfAnEmptyMapDoesNothing) {
    map.destroy();
    EXPECT_EQ(map.pages(), 0u);
}

TEST_F(LinuxMapTest, ProtectShowsAReadOnlyPageInstead) {
    ASSERT_TRUE(build(cap_1g).ok());
    ASSERT_TRUE(map.protect(3 * gib + 5 * mib, 0x7000, ept_r).ok());
    EXPECT_EQ(walk().find(3 * gib + 5 * mib).entry, 0x7000u | 0x31u);
    EXPECT_EQ(map.entry(3 * gib + 5 * mib).word(), 0x7031u);
    // Neighbours: as before, in smaller pages.
    EXPECT_EQ(walk().find(3 * gib + 5 * mib - 4 * kib).entry, (3 * gib + 5 * mib - 4 * kib) | 0x37);
    EXPECT_EQ(walk().find(3 * gib + 5 * mib + 4 * kib).entry, (3 * gib + 5 * mib + 4 * kib) | 0x37);
    EXPECT_EQ(walk().find(3 * gib + 6 * mib).entry, (3 * gib + 6 * mib) | 0xb7);
    EXPECT_EQ(walk().find(4 * gib).entry, 4 * gib | 0xb7);
    EXPECT_EQ(map.pages(), 6u);
}

// SMRAM of old and the display have the same addresses. The model's MTRRs say write-back.
TEST_F(LinuxMapTest, NoCacheHoldsA0000ToBffff) {
    for (const u64 type : {4, 5, 6}) {
        SCOPED_TRACE(type);
        for (u64& word : model.fixed) word = type * 0x0101010101010101;
        for (const u64 cap : {cap_1g, cap_2m, cap_4k}) {
            model.physical_bits = 32;
            ASSERT_TRUE(build(cap).ok());
            for (u64 page = 0; page < mib; page += 4 * kib) {
                const bool is_window = page >= 0xa0000 && page < 0xc0000;
                ASSERT_EQ(type_of(walk().find(page).entry), is_window ? 0u : type)
                    << std::hex << page;
            }
            map.destroy();
        }
    }
}

TEST_F(LinuxMapTest, A0000ToBffffKeepsATypeWithoutCache) {
    model.fixed[2] = 0x0101010101010101;
    ASSERT_TRUE(build(cap_1g).ok());
    EXPECT_EQ(type_of(walk().find(0xa0000).entry), 1u);
    EXPECT_EQ(type_of(walk().find(0xbf000).entry), 1u);
    EXPECT_EQ(type_of(walk().find(0xc0000).entry), 6u);
}

TEST_F(LinuxMapTest, WithoutFixedRangesA0000ToBffffIsInNoCacheEither) {
    model.def_type = 0x806;
    ASSERT_TRUE(build(cap_1g).ok());
    EXPECT_EQ(type_of(walk().find(0x9f000).entry), 6u);
    EXPECT_EQ(type_of(walk().find(0xa0000).entry), 0u);
    EXPECT_EQ(type_of(walk().find(0xbf000).entry), 0u);
    EXPECT_EQ(type_of(walk().find(0xc0000).entry), 6u);
}

// All of SMRAM is one page of ones, and nothing of it can be reached.
TEST_F(LinuxMapTest, WhatTheSmrrHidesIsNotInTheMap) {
    model.cap |= 0x800;
    model.smrr_base = 0x7f800006;
    model.smrr_mask = 0xff800800;
    ASSERT_TRUE(build(cap_1g).ok());
    const u64 ones = walk().find(0x7f800000).phys();
    for (u64 page = 0x7f800000; page < 0x80000000; page += 4 * kib)
        ASSERT_EQ(walk().find(page).entry, ones | 0x31) << std::hex << page;
    EXPECT_EQ(walk().find(0x7f7ff000).entry & ~u64{0x80}, 0x7f600000u | 0x37);
    EXPECT_EQ(walk().find(0x80000000).entry, 0x80000000u | 0xb7);
    const auto* const bytes = static_cast<const unsigned char*>(shim_phys_to_virt(ones));
    EXPECT_EQ(std::count(bytes, bytes + 4 * kib, 0xff), 4096);
    walk().each([](const Walk::Leaf& leaf) {
        EXPECT_FALSE(leaf.phys() < 0x80000000 && leaf.phys() + leaf.size() > 0x7f800000)
            << std::hex << leaf.address;
    });
    // Linux can't change what it reads there.
    ASSERT_TRUE(map.protect_own_tables().ok());
    EXPECT_EQ(walk().find(ones).entry, ones | 0x31);
}

TEST_F(LinuxMapTest, EveryAllocationOfHidingSmramMayFail) {
    model.cap |= 0x800;
    model.smrr_base = 0x7f800006;
    model.smrr_mask = 0xff800800;
    ASSERT_TRUE(build(cap_1g).ok());
    const u64 needed = fake::allocations();
    EXPECT_EQ(map.pages(), fake::live_pages());
    map.destroy();
    EXPECT_EQ(fake::live_pages(), 0u);
    for (u64 n = 1; n <= needed; ++n) {
        fake::fail_allocation(n);
        EXPECT_EQ(build(cap_1g).code, VISOR_NO_MEMORY) << n;
        EXPECT_EQ(fake::live_pages(), 0u) << n;
    }
}

TEST_F(LinuxMapTest, ProtectKeepsTheTypeOfTheNeighbours) {
    model.base = {gib | 1};
    model.mask = {0x7fc0000800};  // 1 GiB write-combining
    ASSERT_TRUE(build(cap_1g).ok());
    ASSERT_TRUE(map.protect(gib, 0x7000, ept_r).ok());
    EXPECT_EQ(walk().find(gib + 4 * kib).entry, (gib + 4 * kib) | 0x0f);
    EXPECT_EQ(walk().find(gib + 2 * mib).entry, (gib + 2 * mib) | 0x8f);
}

TEST_F(LinuxMapTest, ProtectRefusesBadAddresses) {
    model.physical_bits = 36;
    ASSERT_TRUE(build(cap_1g).ok());
    const u64 pages = map.pages();
    EXPECT_EQ(map.protect(0x1001, 0x7000, ept_r).code, VISOR_BAD_ARGUMENT);
    EXPECT_EQ(map.protect(0x1000, 0x7008, ept_r).code, VISOR_BAD_ARGUMENT);
    EXPECT_EQ(map.protect(64 * gib, 0x7000, ept_r).code, VISOR_BAD_ARGUMENT);
    EXPECT_EQ(map.protect(0x1000, u64{1} << 52, ept_r).code, VISOR_BAD_ARGUMENT);
    EXPECT_EQ(map.pages(), pages);
}

TEST_F(LinuxMapTest, ProtectGivesTheRightsThatAreLeftAndNeverWriting) {
    ASSERT_TRUE(build(cap_1g).ok());
    ASSERT_TRUE(map.protect(gib, gib, ept_rx).ok());
    EXPECT_EQ(walk().find(gib).entry, gib | 0x35);
    EXPECT_EQ(map.protect(gib, gib, ept_rwx).code, VISOR_BAD_ARGUMENT);
    EXPECT_EQ(walk().find(gib).entry, gib | 0x35);
}

TEST_F(LinuxMapTest, ProtectKeepsTheTypeOfThePage) {
    model.base = {gib};
    model.mask = {0x7fc0000800};  // 1 GiB uncacheable
    ASSERT_TRUE(build(cap_1g).ok());
    ASSERT_TRUE(map.protect(gib, 0x7000, ept_r).ok());
    EXPECT_EQ(walk().find(gib).entry, 0x7001u);
}

// The tables lie in a 1-GiB page, so protecting them adds tables; also where those come to lie
// behind the end of a 2-MiB page that is split already.
TEST_F(LinuxMapTest, ProtectsItsOwnTables) {
    for (const u64 pages_before : {0, 507, 508, 509, 510, 511}) {
        SCOPED_TRACE(pages_before);
        std::vector<void*> others;
        for (u64 i = 0, phys = 0; i < pages_before; ++i) others.push_back(shim_alloc_page(&phys));
        ASSERT_TRUE(build(cap_1g).ok());
        const u64 before = map.pages();
        ASSERT_TRUE(map.protect_own_tables().ok());
        EXPECT_GT(map.pages(), before);
        u64 tables = 0;
        walk().each_table([&](u64 table) {
            ++tables;
            EXPECT_EQ(walk().find(table).entry, table | 0x31) << std::hex << table;
        });
        EXPECT_EQ(tables, map.pages());
        // The page after the last table is Linux's.
        u64 after = 0;
        others.push_back(shim_alloc_page(&after));
        EXPECT_EQ(walk().find(after).entry & rwx, rwx);
        map.destroy();
        for (void* const page : others) shim_free_page(page);
        fake::reset_shim();
    }
}

TEST_F(LinuxMapTest, EveryAllocationOfProtectingTheTablesMayFail) {
    ASSERT_TRUE(build(cap_1g).ok());
    u64 failures = 0;
    while (true) {
        fake::fail_allocation(failures + 1);
        const rmv::Status status = map.protect_own_tables();
        if (status.ok()) break;
        ASSERT_EQ(status.code, VISOR_NO_MEMORY);
        map.destroy();
        ASSERT_EQ(fake::live_pages(), 0u);
        ASSERT_TRUE(build(cap_1g).ok());
        ASSERT_LT(++failures, 20u);
    }
    EXPECT_GT(failures, 0u);
}

TEST_F(LinuxMapTest, ProtectBeforeBuildIsRefused) {
    EXPECT_EQ(map.protect(0x1000, 0x7000, ept_r).code, VISOR_BAD_ARGUMENT);
}

TEST_F(LinuxMapTest, EveryAllocationOfBuildMayFail) {
    model.physical_bits = 34;
    model.base = {0xc0000000 | 0, gib | 4};
    model.mask = {0x3c0000800, 0x3fffff800 & ~u64{0x3000}};
    ASSERT_TRUE(build(cap_1g).ok());
    const u64 needed = fake::allocations();
    ASSERT_GT(needed, 3u);
    map.destroy();
    for (u64 n = 1; n <= needed; ++n) {
        fake::fail_allocation(n);
        EXPECT_EQ(build(cap_1g).code, VISOR_NO_MEMORY) << n;
        EXPECT_EQ(fake::live_pages(), 0u) << n;
        EXPECT_EQ(map.pages(), 0u) << n;
    }
    fake::fail_allocation(needed + 1);
    EXPECT_TRUE(build(cap_1g).ok());
}

TEST_F(LinuxMapTest, EveryAllocationOfProtectMayFail) {
    for (u64 n = 1; n <= 2; ++n) {
        ASSERT_TRUE(build(cap_1g).ok());
        fake::fail_allocation(n);
        EXPECT_EQ(map.protect(gib, 0x7000, ept_r).code, VISOR_NO_MEMORY) << n;
        EXPECT_EQ(walk().find(gib).entry & ~u64{0x80}, gib | 0x37) << n;
        EXPECT_EQ(walk().find(gib + 2 * mib).phys() + (n == 1 ? 2 * mib : 0), gib + 2 * mib) << n;
        fake::fail_allocation(0);
        EXPECT_TRUE(map.protect(gib, 0x7000, ept_r).ok()) << n;
        map.destroy();
        EXPECT_EQ(fake::live_pages(), 0u) << n;
    }
}

bool is_hidden(const MtrrModel& model, u64 address) {
    const u64 mask = model.smrr_mask & 0xfffff000;
    return (model.cap & 0x800) && (model.smrr_mask & 0x800) && address < 4 * gib &&
           (address & mask) == (model.smrr_base & mask);
}

// Never write-back, write-through or write-protected from A0000h to BFFFFh.
unsigned wanted_type(const MtrrModel& model, u64 page) {
    const unsigned type = model.type(page);
    return page >= 0xa0000 && page < 0xc0000 && type >= 4 ? 0 : type;
}

// Checks one leaf against the flat model at its ends and at every border in it; small leaves at
// every page.
void expect_leaf(const MtrrModel& model, const std::set<u64>& borders, const Walk::Leaf& leaf) {
    if (is_hidden(model, leaf.address)) {
        ASSERT_EQ(leaf.level, 1u);
        ASSERT_EQ(leaf.entry & 0xfff, 0x31u);
        return;
    }
    ASSERT_EQ(leaf.phys(), leaf.address);
    ASSERT_EQ(leaf.entry & rwx, rwx);
    ASSERT_EQ(leaf.entry & ~(0x000ffffffffff000 | 0xbf), 0u);
    std::set<u64> pages{leaf.address, leaf.address + leaf.size() - 4 * kib};
    for (auto border = borders.lower_bound(leaf.address);
         border != borders.end() && *border < leaf.address + leaf.size(); ++border) {
        pages.insert(*border);
        if (*border > leaf.address) pages.insert(*border - 4 * kib);
    }
    for (const u64 page : pages)
        ASSERT_EQ(type_of(leaf.entry), wanted_type(model, page)) << std::hex << page;
}

// No 512 neighbours of one type where one bigger page could be, but for what is split for SMRAM.
class Neighbours {
public:
    Neighbours(u64 limit, unsigned biggest) : limit_{limit}, biggest_{biggest} {}

    void see(const Walk::Leaf& leaf) {
        const u64 parent_size = leaf.size() * 512;
        const u64 parent = leaf.address & ~(parent_size - 1);
        if (parent != parent_ || leaf.level != level_) {
            parent_ = parent;
            level_ = leaf.level;
            types_.clear();
            count_ = 0;
        }
        types_.insert(type_of(leaf.entry));
        const bool could_be_one = ++count_ == 512 && types_.size() == 1 && leaf.level < biggest_ &&
                                  parent + parent_size <= limit_;
        ASSERT_FALSE(could_be_one) << std::hex << parent;
    }

private:
    u64 limit_;
    unsigned biggest_;
    u64 parent_ = ~u64{0};
    unsigned level_ = 0;
    unsigned count_ = 0;
    std::set<unsigned> types_;
};

TEST_F(LinuxMapTest, RandomSettingsMatchTheFlatModel) {
    std::mt19937_64 rng{0x657074};
    for (int round = 0; round < 90; ++round) {
        SCOPED_TRACE(round);
        const bool has_1g = round % 3 != 0;
        const auto physical_bits =
            has_1g ? static_cast<unsigned>(32 + rng() % 15) : static_cast<unsigned>(32 + rng() % 4);
        model = MtrrModel::random(rng, physical_bits);
        ASSERT_TRUE(build(has_1g ? cap_1g : cap_2m).ok());
        ASSERT_EQ(map.pages(), fake::live_pages());

        const auto borders = model.borders();
        const u64 limit = u64{1} << physical_bits;
        Neighbours neighbours{limit, has_1g ? 3u : 2u};
        u64 next = 0;
        walk().each([&](const Walk::Leaf& leaf) {
            ASSERT_EQ(leaf.address, next) << "hole or overlap";
            next = leaf.address + leaf.size();
            ASSERT_NO_FATAL_FAILURE(expect_leaf(model, borders, leaf));
            if (!is_hidden(model, leaf.address) && leaf.address >= 2 * mib) {
                ASSERT_NO_FATAL_FAILURE(neighbours.see(leaf));
            }
        });
        ASSERT_EQ(next, limit);
        ASSERT_FALSE(HasFailure());
        map.destroy();
        ASSERT_EQ(fake::live_pages(), 0u);
    }
}

}  // namespace
