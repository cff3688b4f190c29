// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "../fake/fixture.hpp"
#include "abi.h"
#include "vmx/globals.hpp"
#include "walk.hpp"

namespace {

using rmv::u64;

constexpr u64 own_pages = 6;  // the object, its root table, the page of zeros and its tables
constexpr u64 usual_zero_page = 0xfffbc000;
constexpr u64 tables_of_one_page = 3;

class GuestMemoryTest : public fake::Fixture {
protected:
    GuestMemoryTest() : memory{visor_guest_memory_create()} {}
    ~GuestMemoryTest() override { fake::fail_allocation(0); }
    void TearDown() override {
        visor_guest_memory_destroy(memory);
        Fixture::TearDown();
    }
    [[nodiscard]] u64 entry(u64 guest_physical) const {
        return test::walk_ept(visor_guest_memory_ept_pointer(memory)).find(guest_physical).entry;
    }

    visor_guest_memory* memory;
};

TEST_F(GuestMemoryTest, StartsEmpty) {
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(fake::live_pages(), own_pages);
    EXPECT_EQ(visor_guest_memory_ept_pointer(memory) & 0xfff, 0x1eu);
    EXPECT_EQ(entry(0), 0u);
}

TEST_F(GuestMemoryTest, MapsWritableAndReadOnlyPages) {
    ASSERT_EQ(visor_guest_memory_map(memory, 0, 0x123456000, 1), 0u);
    ASSERT_EQ(visor_guest_memory_map(memory, 0xff000, 0x1000, 0), 0u);
    EXPECT_EQ(entry(0), 0x123456000u | 0x37u);   // write-back, read, write, execute
    EXPECT_EQ(entry(0xff000), 0x1000u | 0x35u);  // write-back, read, execute
    EXPECT_EQ(entry(0x1000), 0u);
}

TEST_F(GuestMemoryTest, RefusesBadArguments) {
    EXPECT_EQ(visor_guest_memory_map(memory, 0x800, 0x1000, 1), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(visor_guest_memory_map(memory, 0, 0x1800, 1), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(visor_guest_memory_map(memory, u64{1} << 48, 0x1000, 1), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(visor_guest_memory_map(memory, 0, u64{1} << 52, 1), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(fake::live_pages(), own_pages);
    EXPECT_EQ(visor_guest_memory_map(memory, (u64{1} << 48) - 4096, 0x1000, 1), 0u);
}

// Whatever the MTRRs say: no guest gets SMRAM.
TEST_F(GuestMemoryTest, RefusesSmram) {
    rmv::globals.smram = {.base = 0x7f800000, .mask = 0x7fff800000};
    for (const u64 host : {0xa0000, 0xbf000, 0x7f800000, 0x7ffff000})
        EXPECT_EQ(visor_guest_memory_map(memory, 0, host, 1), VISOR_BAD_ARGUMENT)
            << std::hex << host;
    EXPECT_EQ(fake::live_pages(), own_pages);
    u64 guest = 0;
    for (const u64 host : {u64{0x9f000}, u64{0xc0000}, u64{0x7f7ff000}, u64{0x80000000}})
        EXPECT_EQ(visor_guest_memory_map(memory, guest += 4096, host, 1), 0u) << std::hex << host;
    rmv::globals.smram = {};
    EXPECT_EQ(visor_guest_memory_map(memory, 0, 0x7f800000, 1), 0u);
}

TEST_F(GuestMemoryTest, AMappedPageIsNotMappedAgain) {
    ASSERT_EQ(visor_guest_memory_map(memory, 0, 0x1000, 1), 0u);
    EXPECT_EQ(visor_guest_memory_map(memory, 0, 0x2000, 1), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(entry(0), 0x1037u);
}

TEST_F(GuestMemoryTest, UnmapMakesAHoleThatCanBeMapped) {
    ASSERT_EQ(visor_guest_memory_map(memory, 0x5000, 0x1000, 1), 0u);
    visor_guest_memory_unmap(memory, 0x5000);
    EXPECT_EQ(entry(0x5000), 0u);
    EXPECT_EQ(visor_guest_memory_map(memory, 0x5000, 0x2000, 0), 0u);
    EXPECT_EQ(entry(0x5000), 0x2035u);
}

TEST_F(GuestMemoryTest, UnmapOfAHoleDoesNothing) {
    visor_guest_memory_unmap(memory, 0x5000);
    visor_guest_memory_unmap(memory, 0x5001);
    visor_guest_memory_unmap(memory, ~u64{0xfff});
    EXPECT_EQ(fake::live_pages(), own_pages);
}

TEST_F(GuestMemoryTest, DestroyTakesNull) { visor_guest_memory_destroy(nullptr); }

TEST_F(GuestMemoryTest, CreateWithoutMemoryGivesNull) {
    for (u64 n = 1; n <= own_pages; ++n) {
        fake::fail_allocation(n);
        EXPECT_EQ(visor_guest_memory_create(), nullptr) << n;
        EXPECT_EQ(fake::live_pages(), own_pages) << n;
    }
}

TEST_F(GuestMemoryTest, EveryAllocationOfMapMayFail) {
    for (u64 n = 1; n <= tables_of_one_page; ++n) {
        const u64 guest_physical = n << 39;
        fake::fail_allocation(n);
        EXPECT_EQ(visor_guest_memory_map(memory, guest_physical, 0x1000, 1), VISOR_NO_MEMORY) << n;
        EXPECT_EQ(entry(guest_physical), 0u) << n;
        EXPECT_EQ(visor_guest_memory_map(memory, guest_physical, 0x1000, 1), 0u) << n;
    }
    fake::fail_allocation(tables_of_one_page + 1);
    EXPECT_EQ(visor_guest_memory_map(memory, 0, 0x1000, 1), 0u);
}

TEST_F(GuestMemoryTest, RandomMapsAndUnmapsMatchAPlainMap) {
    std::mt19937_64 rng{0x67756573};
    std::map<u64, u64> model;
    for (int step = 0; step < 5000; ++step) {
        // Few addresses, so that they meet; in three distant places.
        const u64 address = ((rng() % 3) << 37) + (rng() % 64) * 0x1000;
        const u64 host = 0x100000 + (rng() % 0x10000) * 0x1000;
        const bool is_writable = rng() % 2 == 0;
        if (rng() % 3 == 0) {
            visor_guest_memory_unmap(memory, address);
            model.erase(address);
            continue;
        }
        const auto status = visor_guest_memory_map(memory, address, host, is_writable);
        ASSERT_EQ(status == 0, model.count(address) == 0);
        if (status == 0) model[address] = host | (is_writable ? 0x37 : 0x35);
    }
    std::map<u64, u64> found;
    test::walk_ept(visor_guest_memory_ept_pointer(memory))
        .each([&found](const test::Walk::Leaf& leaf) { found[leaf.address] = leaf.entry; });
    const u64 zero_page = visor_guest_memory_zero_page(memory);
    EXPECT_EQ(found.count(zero_page), 1u);
    found.erase(zero_page);
    EXPECT_EQ(found, model);
}

TEST_F(GuestMemoryTest, PageOfZerosCanOnlyBeRead) {
    EXPECT_EQ(visor_guest_memory_zero_page(memory), usual_zero_page);
    const u64 found = entry(usual_zero_page);
    EXPECT_EQ(found & 0x3f, 0x31u);  // write-back, read
    const auto* const page = static_cast<const u64*>(shim_phys_to_virt(found & ~u64{0xfff}));
    EXPECT_TRUE(std::all_of(page, page + 512, [](u64 word) { return word == 0; }));
}

TEST_F(GuestMemoryTest, PageOfZerosMakesWayForTheOwners) {
    const u64 zeros = entry(usual_zero_page);
    ASSERT_EQ(visor_guest_memory_map(memory, usual_zero_page - 0x1000, 0x1000, 1), 0u);
    ASSERT_EQ(visor_guest_memory_map(memory, usual_zero_page, 0x2000, 1), 0u);
    EXPECT_EQ(entry(usual_zero_page), 0x2037u);
    EXPECT_EQ(visor_guest_memory_zero_page(memory), usual_zero_page - 0x2000);
    EXPECT_EQ(entry(usual_zero_page - 0x2000), zeros);
    EXPECT_EQ(visor_guest_memory_map(memory, usual_zero_page, 0x3000, 1), VISOR_BAD_ARGUMENT);
}

TEST_F(GuestMemoryTest, UnmapLeavesThePageOfZeros) {
    visor_guest_memory_unmap(memory, usual_zero_page);
    EXPECT_NE(entry(usual_zero_page), 0u);
}

TEST_F(GuestMemoryTest, NoHoleNoPageOfZeros) {
    for (u64 page = 0xfef00000; page <= usual_zero_page; page += 0x1000)
        ASSERT_EQ(visor_guest_memory_map(memory, page, 0x1000, 1), 0u);
    EXPECT_EQ(visor_guest_memory_zero_page(memory), 0u);
    EXPECT_EQ(entry(0xfef00000), 0x1037u);
}

}  // namespace
