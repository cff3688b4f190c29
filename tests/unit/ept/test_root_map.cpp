// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "../fake/fixture.hpp"
#include "vmx/root_map.hpp"
#include "walk.hpp"

namespace {

using rmv::RootMap;
using rmv::RootPage;
using rmv::u64;

constexpr u64 module = 0xffffffffc0200000;
constexpr u64 direct = 0xffff888123400000;
constexpr u64 nx = u64{1} << 63;
constexpr u64 la57 = u64{1} << 12;
constexpr unsigned tables_of_one_page = 4;

class RootMapTest : public fake::Fixture {
protected:
    ~RootMapTest() override { fake::fail_allocation(0); }
    void TearDown() override {
        map.destroy();
        Fixture::TearDown();
    }
    [[nodiscard]] u64 entry(u64 virt, unsigned levels = 4) const {
        return test::walk_cr3(map.cr3(), levels).find(virt).entry;
    }

    RootMap map;
};

TEST_F(RootMapTest, RightsFollowTheKind) {
    ASSERT_TRUE(map.map(module, 0x1000, 0x1000, RootPage::text).ok());
    ASSERT_TRUE(map.map(module + 0x1000, 0x2000, 0x1000, RootPage::rodata).ok());
    ASSERT_TRUE(map.map(module + 0x2000, 0x3000, 0x1000, RootPage::data).ok());
    ASSERT_TRUE(map.map(module + 0x3000, 0xfee00000, 0x1000, RootPage::device).ok());
    // Present, accessed, dirty; writable is bit 1, PWT and PCD select PA3.
    EXPECT_EQ(entry(module), 0x1000u | 0x61u);
    EXPECT_EQ(entry(module + 0x1000), 0x2000u | 0x61u | nx);
    EXPECT_EQ(entry(module + 0x2000), 0x3000u | 0x63u | nx);
    EXPECT_EQ(entry(module + 0x3000), 0xfee00000u | 0x7bu | nx);
    EXPECT_EQ(entry(module + 0x4000), 0u);
}

TEST_F(RootMapTest, TablesAllowAllAndAreAccessed) {
    ASSERT_TRUE(map.map(module, 0x1000, 0x1000, RootPage::data).ok());
    const auto* const root = static_cast<const u64*>(shim_phys_to_virt(map.cr3()));
    EXPECT_EQ(root[511] & (0xfff | nx), 0x23u);
    EXPECT_EQ(map.cr3() & 0xfff, 0u);
}

TEST_F(RootMapTest, MapsEveryPageOfARange) {
    const u64 bytes = 3 * 1024 * 1024;
    ASSERT_TRUE(map.map(direct, 0x123400000, bytes, RootPage::data).ok());
    for (u64 offset = 0; offset < bytes; offset += 0x1000) {
        ASSERT_EQ(entry(direct + offset), (0x123400000 + offset) | 0x63 | nx);
        ASSERT_EQ(map.physical(direct + offset).value(), 0x123400000 + offset);
    }
    EXPECT_EQ(entry(direct - 0x1000), 0u);
    EXPECT_EQ(entry(direct + bytes), 0u);
    EXPECT_FALSE(map.physical(direct + bytes).ok());
    EXPECT_EQ(map.pages(), fake::live_pages());
}

TEST_F(RootMapTest, HasTheLevelsOfLinux) {
    fake::cpu().cr4 |= la57;
    ASSERT_TRUE(map.map(0xff11000012345000, 0x5000, 0x1000, RootPage::data).ok());
    EXPECT_EQ(entry(0xff11000012345000, 5), 0x5000u | 0x63u | nx);
    EXPECT_EQ(map.pages(), tables_of_one_page + 1u);
}

TEST_F(RootMapTest, RefusesBadRangesAndMapsNothing) {
    struct {
        u64 virt, phys, bytes;
    } const bad[] = {
        {module + 1, 0x1000, 0x1000},          // virtual address not aligned
        {module, 0x1001, 0x1000},              // physical address not aligned
        {module, 0x1000, 0x1800},              // part of a page
        {module, 0x1000, 0},                   // nothing
        {0x0000800000000000, 0x1000, 0x1000},  // not canonical
        {0x00007ffffffff000, 0x1000, 0x2000},  // runs out of the canonical half
        {0xfffffffffffff000, 0x1000, 0x2000},  // wraps
        {module, 0x000ffffffffff000, 0x2000},  // past the last physical address
        {0xff11000012345000, 0x1000, 0x1000},  // canonical with five levels only
    };
    for (const auto& range : bad) {
        const auto status = map.map(range.virt, range.phys, range.bytes, RootPage::data);
        EXPECT_EQ(status.code, VISOR_BAD_ARGUMENT) << std::hex << range.virt;
        EXPECT_EQ(status.detail, range.virt);
    }
    EXPECT_EQ(map.pages(), 0u);
}

TEST_F(RootMapTest, TheSameMappingAgainIsFineAnotherIsNot) {
    ASSERT_TRUE(map.map(module + 0x1000, 0x2000, 0x1000, RootPage::text).ok());
    EXPECT_TRUE(map.map(module + 0x1000, 0x2000, 0x1000, RootPage::text).ok());
    const auto status = map.map(module, 0x8000, 0x3000, RootPage::text);
    EXPECT_EQ(status.code, VISOR_BAD_ARGUMENT);
    EXPECT_EQ(status.detail, module + 0x1000);
    EXPECT_EQ(entry(module), 0u) << "a refused range must map nothing";
    EXPECT_EQ(map.map(module + 0x1000, 0x2000, 0x1000, RootPage::data).code, VISOR_BAD_ARGUMENT);
}

TEST_F(RootMapTest, MapsTheLastPageOfTheAddressSpace) {
    ASSERT_TRUE(map.map(0xfffffffffffff000, 0x1000, 0x1000, RootPage::rodata).ok());
    EXPECT_EQ(entry(0xfffffffffffff000), 0x1000u | 0x61u | nx);
}

TEST_F(RootMapTest, EveryAllocationMayFail) {
    const auto build = [this] { return map.map(module, 0x1000, 0x1000, RootPage::text); };
    for (u64 n = 1; n <= tables_of_one_page; ++n) {
        fake::fail_allocation(n);
        EXPECT_EQ(build().code, VISOR_NO_MEMORY) << n;
        EXPECT_EQ(map.pages(), n - 1);
        map.destroy();
        EXPECT_EQ(fake::live_pages(), 0u) << n;
    }
    fake::fail_allocation(tables_of_one_page + 1);
    EXPECT_TRUE(build().ok());
}

TEST_F(RootMapTest, AMapThatRanOutOfMemoryCanGoOn) {
    fake::fail_allocation(3);
    EXPECT_EQ(map.map(module, 0x1000, 0x1000, RootPage::text).code, VISOR_NO_MEMORY);
    EXPECT_TRUE(map.map(module, 0x1000, 0x1000, RootPage::text).ok());
    EXPECT_EQ(entry(module), 0x1061u);
}

}  // namespace
