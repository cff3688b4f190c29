// SPDX-License-Identifier: GPL-2.0-only
// Segments and tables between KVM's structs and the VMCS's form, one bit after the other.
#include <gtest/gtest.h>

#include <linux/kvm.h>

#include "x86/types.hpp"

extern "C" {
#include "shim/segment.h"
}

namespace rmv {
namespace {

// A field of kvm_segment that is a part of the access rights.
struct Part {
    const char* name;
    __u8 kvm_segment::*field;
    u32 shift, width;
};
constexpr u32 present_shift = 7, unusable_shift = 16;
constexpr Part parts[] = {
    {"type", &kvm_segment::type, 0, 4}, {"s", &kvm_segment::s, 4, 1},
    {"dpl", &kvm_segment::dpl, 5, 2},   {"avl", &kvm_segment::avl, 12, 1},
    {"l", &kvm_segment::l, 13, 1},      {"db", &kvm_segment::db, 14, 1},
    {"g", &kvm_segment::g, 15, 1},
};

kvm_segment to_kvm(u32 rights) {
    const rmv_segment from{.base = 0x12345678'9abcdef0,
                           .limit = 0xfedcba98,
                           .access_rights = rights,
                           .selector = 0x4321};
    kvm_segment to{};
    segment_to_kvm(&to, &from);
    return to;
}
rmv_segment from_kvm(const kvm_segment& from) {
    rmv_segment to{};
    segment_from_kvm(&to, &from);
    return to;
}

TEST(Segment, EachPartOfTheRightsHasItsField) {
    for (const Part& part : parts) {
        for (u32 value = 0; value < 1u << part.width; ++value) {
            kvm_segment segment = to_kvm(value << part.shift);
            EXPECT_EQ(segment.*part.field, value) << part.name;
            segment.*part.field = 0;
            for (const Part& other : parts) EXPECT_EQ(segment.*other.field, 0) << other.name;
        }
    }
}

TEST(Segment, EachFieldHasItsPartOfTheRights) {
    for (const Part& part : parts) {
        for (u32 value = 0; value < 1u << part.width; ++value) {
            kvm_segment segment{};
            segment.present = 1;
            // Bits beyond the field's width are nobody's.
            segment.*part.field = static_cast<__u8>(value | 1u << part.width);
            EXPECT_EQ(from_kvm(segment).access_rights, value << part.shift | 1u << present_shift)
                << part.name;
        }
    }
}

TEST(Segment, UsableMeansPresent) {
    EXPECT_EQ(to_kvm(0).present, 1) << "even real mode's";
    EXPECT_EQ(to_kvm(0).unusable, 0);
    EXPECT_EQ(to_kvm(1u << unusable_shift).present, 0);
    EXPECT_EQ(to_kvm(1u << unusable_shift).unusable, 1);
    kvm_segment segment{};
    EXPECT_EQ(from_kvm(segment).access_rights, 1u << unusable_shift) << "not present";
    segment.present = 1;
    EXPECT_EQ(from_kvm(segment).access_rights, 1u << present_shift);
    segment.unusable = 1;
    EXPECT_EQ(from_kvm(segment).access_rights, 1u << present_shift | 1u << unusable_shift);
}

TEST(Segment, TheRestIsHandedOn) {
    const kvm_segment kvm = to_kvm(0);
    EXPECT_EQ(kvm.base, 0x12345678'9abcdef0);
    EXPECT_EQ(kvm.limit, 0xfedcba98);
    EXPECT_EQ(kvm.selector, 0x4321);
    const rmv_segment segment = from_kvm(kvm);
    EXPECT_EQ(segment.base, kvm.base);
    EXPECT_EQ(segment.limit, kvm.limit);
    EXPECT_EQ(segment.selector, kvm.selector);
}

TEST(Table, IsHandedOn) {
    const rmv_table from{.base = 0x12345678'9abcdef0, .limit = 0xfedc};
    kvm_dtable kvm{};
    table_to_kvm(&kvm, &from);
    EXPECT_EQ(kvm.base, from.base);
    EXPECT_EQ(kvm.limit, from.limit);
    rmv_table back{};
    table_from_kvm(&back, &kvm);
    EXPECT_EQ(back.base, from.base);
    EXPECT_EQ(back.limit, from.limit);
}

}  // namespace
}  // namespace rmv
