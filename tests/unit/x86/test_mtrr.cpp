// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <algorithm>

#include "../fake/fixture.hpp"
#include "../fake/mtrr_model.hpp"
#include "x86/mtrr.hpp"

namespace {

using rmv::MemoryType;
using rmv::Mtrr;
using rmv::u64;
using test::MtrrModel;

constexpr u64 kib = 1024, mib = 1024 * kib, gib = 1024 * mib;

class MtrrTest : public fake::Fixture {
protected:
    Mtrr read() {
        model.install(fake::cpu());
        return Mtrr::read(model.physical_bits);
    }
    void add(u64 base, u64 size, MemoryType type) {
        model.base.push_back(base | static_cast<u64>(type));
        model.mask.push_back((((u64{1} << model.physical_bits) - 1) & ~(size - 1)) | 0x800);
    }

    MtrrModel model;
};

TEST_F(MtrrTest, WithoutRangesTheDefaultTypeCounts) {
    EXPECT_EQ(read().type(5 * gib), MemoryType::write_back);
    model.def_type = 0xc04;
    EXPECT_EQ(read().type(5 * gib), MemoryType::write_through);
}

TEST_F(MtrrTest, DisabledMeansUncacheable) {
    add(0, gib, MemoryType::write_back);
    model.def_type = 0x406;
    const Mtrr mtrr = read();
    EXPECT_EQ(mtrr.type(0), MemoryType::uncacheable);
    EXPECT_EQ(mtrr.type(8 * gib), MemoryType::uncacheable);
    EXPECT_EQ(mtrr.uniform_type(0, gib), MemoryType::uncacheable);
}

TEST_F(MtrrTest, AbsentMeansWriteBackAndReadsNoMsr) {
    fake::cpu().leaves[{1, 0}].edx &= ~(1u << 12);
    fake::cpu().msrs.clear();
    EXPECT_EQ(Mtrr::read(39).uniform_type(0, gib), MemoryType::write_back);
}

TEST_F(MtrrTest, FixedRangesWinBelowOneMegabyte) {
    add(0, 2 * mib, MemoryType::write_through);
    model.fixed[0] = 0x0001040506000106;
    model.fixed[2] = 0x0000000000000001;
    model.fixed[10] = 0x0500000000000000;
    const Mtrr mtrr = read();
    EXPECT_EQ(mtrr.type(0), MemoryType::write_back);
    EXPECT_EQ(mtrr.type(0x10000), MemoryType::write_combining);
    EXPECT_EQ(mtrr.type(0x2ffff), MemoryType::uncacheable);
    EXPECT_EQ(mtrr.type(0x40000), MemoryType::write_protected);
    EXPECT_EQ(mtrr.type(0xa0000), MemoryType::write_combining);
    EXPECT_EQ(mtrr.type(0xa4000), MemoryType::uncacheable);
    EXPECT_EQ(mtrr.type(0xfe000), MemoryType::uncacheable);
    EXPECT_EQ(mtrr.type(0xff000), MemoryType::write_protected);
    EXPECT_EQ(mtrr.type(0x100000), MemoryType::write_through);
    EXPECT_FALSE(mtrr.uniform_type(0, 2 * mib));
}

TEST_F(MtrrTest, FixedRangesNeedTheEnableBitAndTheCapability) {
    add(0, 2 * mib, MemoryType::write_through);
    model.fixed.assign(11, 0);
    model.def_type = 0x806;
    EXPECT_EQ(read().type(0), MemoryType::write_through);
    model.def_type = 0xc06;
    EXPECT_EQ(read().type(0), MemoryType::uncacheable);
    model.cap &= ~u64{0x100};
    EXPECT_EQ(read().type(0), MemoryType::write_through);
}

TEST_F(MtrrTest, UniformFixedRangesMakeABigBlock) {
    const Mtrr mtrr = read();
    EXPECT_EQ(mtrr.uniform_type(0, 2 * mib), MemoryType::write_back);
    EXPECT_EQ(mtrr.uniform_type(0, gib), MemoryType::write_back);
}

TEST_F(MtrrTest, OverlapFollowsThePrecedences) {
    add(gib, mib, MemoryType::write_back);
    add(gib, mib, MemoryType::write_through);
    add(2 * gib, mib, MemoryType::write_combining);
    add(2 * gib, mib, MemoryType::uncacheable);
    add(3 * gib, mib, MemoryType::write_back);
    add(3 * gib, mib, MemoryType::write_combining);
    add(4 * gib, mib, MemoryType::write_protected);
    add(4 * gib, mib, MemoryType::write_protected);
    const Mtrr mtrr = read();
    EXPECT_EQ(mtrr.type(gib), MemoryType::write_through);
    EXPECT_EQ(mtrr.type(2 * gib), MemoryType::uncacheable);
    EXPECT_EQ(mtrr.type(3 * gib), MemoryType::uncacheable);
    EXPECT_EQ(mtrr.type(4 * gib), MemoryType::write_protected);
}

TEST_F(MtrrTest, ThreeRangesCombineInAnyOrder) {
    const MemoryType types[] = {MemoryType::write_back, MemoryType::write_through,
                                MemoryType::write_combining};
    int order[] = {0, 1, 2};
    do {
        model = MtrrModel{};
        for (const int i : order) add(gib, mib, types[i]);
        EXPECT_EQ(read().type(gib), MemoryType::uncacheable);
    } while (std::next_permutation(std::begin(order), std::end(order)));
}

TEST_F(MtrrTest, InvalidRangesDoNotCount) {
    add(gib, mib, MemoryType::uncacheable);
    model.mask[0] &= ~u64{0x800};
    EXPECT_EQ(read().type(gib), MemoryType::write_back);
}

TEST_F(MtrrTest, ReservedTypesAreUncacheable) {
    for (const u64 type : {2, 3, 7, 8, 0xff}) {
        model = MtrrModel{};
        model.base = {gib | type};
        model.mask = {0x7ffff00800};
        model.fixed[0] = type;
        const Mtrr mtrr = read();
        EXPECT_EQ(mtrr.type(gib), MemoryType::uncacheable) << type;
        EXPECT_EQ(mtrr.type(0), MemoryType::uncacheable) << type;
        EXPECT_EQ(mtrr.type(2 * gib), MemoryType::write_back) << type;
    }
}

TEST_F(MtrrTest, TwoHalvesOfOneTypeAreUniform) {
    model.def_type = 0xc00;
    add(gib, 512 * mib, MemoryType::write_back);
    add(gib + 512 * mib, 512 * mib, MemoryType::write_back);
    const Mtrr mtrr = read();
    EXPECT_EQ(mtrr.uniform_type(gib, gib), MemoryType::write_back);
    EXPECT_FALSE(mtrr.uniform_type(0, 2 * gib));
}

TEST_F(MtrrTest, RangeInsideABlockMakesItMixed) {
    add(gib + 3 * mib, 4 * kib, MemoryType::uncacheable);
    const Mtrr mtrr = read();
    EXPECT_FALSE(mtrr.uniform_type(gib, gib));
    EXPECT_FALSE(mtrr.uniform_type(gib + 2 * mib, 2 * mib));
    EXPECT_EQ(mtrr.uniform_type(gib, 2 * mib), MemoryType::write_back);
    EXPECT_EQ(mtrr.uniform_type(gib + 3 * mib, 4 * kib), MemoryType::uncacheable);
}

TEST_F(MtrrTest, SmrrIsUncacheableOutsideSmmAndEndsBelow4G) {
    model.cap |= 0x800;
    model.smrr_base = 0x7f800006;
    model.smrr_mask = 0xff800c00;  // with the lock bit
    const Mtrr mtrr = read();
    EXPECT_EQ(mtrr.type(0x7f800000), MemoryType::uncacheable);
    EXPECT_EQ(mtrr.type(0x7fffffff), MemoryType::uncacheable);
    EXPECT_EQ(mtrr.type(0x7f7ff000), MemoryType::write_back);
    EXPECT_EQ(mtrr.type(0x17f800000), MemoryType::write_back);
    EXPECT_FALSE(mtrr.uniform_type(gib, gib));
    model.smrr_mask &= ~u64{0x800};
    EXPECT_EQ(read().type(0x7f800000), MemoryType::write_back);
}

TEST_F(MtrrTest, SmramIsWhatAValidSmrrCovers) {
    EXPECT_FALSE(read().smram().exists());
    model.cap |= 0x800;
    model.smrr_base = 0x7f800006;
    model.smrr_mask = 0xff800800;
    const rmv::Smram smram = read().smram();
    EXPECT_FALSE(smram.holds(0x7f7fffff));
    EXPECT_TRUE(smram.holds(0x7f800000));
    EXPECT_TRUE(smram.holds(0x7fffffff));
    EXPECT_FALSE(smram.holds(0x80000000));
    EXPECT_FALSE(smram.holds(0x17f800000));
    model.smrr_mask = 0xff800000;
    EXPECT_FALSE(read().smram().exists());
    EXPECT_FALSE(read().smram().holds(0x7f800000));
}

TEST_F(MtrrTest, SmrrIsNotReadWhereItIsAbsent) {
    model.install(fake::cpu());
    EXPECT_EQ(fake::cpu().msrs.count(0x1f2), 0u);
    (void)Mtrr::read(39);
}

TEST_F(MtrrTest, RangeCountBeyondTheMsrSpaceIsCut) {
    model.cap = 0x5ff;
    model.install(fake::cpu());
    // IA32_MTRR_DEF_TYPE has the number of the 128th PHYSMASK, and its valid bit.
    EXPECT_EQ(Mtrr::read(39).type(gib), MemoryType::write_back);
}

// Every border, a page to both sides of it, and a few pages anywhere: the flat model's type. Blocks
// around the borders: uniform if and only if all borders in it agree with the model.
TEST_F(MtrrTest, RandomSettingsMatchTheModel) {
    std::mt19937_64 rng{0x6d747272};
    for (int round = 0; round < 150; ++round) {
        SCOPED_TRACE(round);
        const auto physical_bits = static_cast<unsigned>(32 + rng() % 15);
        model = MtrrModel::random(rng, physical_bits);
        const Mtrr mtrr = read();
        std::set<u64> pages;
        const u64 top = u64{1} << physical_bits;
        for (const u64 border : model.borders()) {
            pages.insert(border & (top - 1));
            pages.insert((border - 4 * kib) & (top - 1));
        }
        for (int i = 0; i < 20; ++i) pages.insert(rng() & (top - 1) & ~(4 * kib - 1));
        for (const u64 page : pages) {
            ASSERT_EQ(static_cast<unsigned>(mtrr.type(page)), model.type(page)) << std::hex << page;
            const u64 block = page & ~(2 * mib - 1);
            std::set<unsigned> types;
            for (u64 offset = 0; offset < 2 * mib; offset += 4 * kib)
                types.insert(model.type(block + offset));
            const auto uniform = mtrr.uniform_type(block, 2 * mib);
            ASSERT_EQ(uniform.has_value(), types.size() == 1) << std::hex << block;
            if (uniform) {
                ASSERT_EQ(static_cast<unsigned>(*uniform), *types.begin()) << std::hex << block;
            }
        }
    }
}

}  // namespace
