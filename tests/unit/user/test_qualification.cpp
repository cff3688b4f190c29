// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "exit/qualification.hpp"

namespace rmv {
namespace {

TEST(DecodeIo, EveryField) {
    EXPECT_EQ(decode_io(0x03f8'0000), (IoQualification{.port = 0x3f8,
                                                       .size = 1,
                                                       .is_in = false,
                                                       .is_string = false,
                                                       .has_rep = false,
                                                       .immediate_port = false}));
    EXPECT_EQ(decode_io(0xffff'0001 | 1u << 3), (IoQualification{.port = 0xffff,
                                                                 .size = 2,
                                                                 .is_in = true,
                                                                 .is_string = false,
                                                                 .has_rep = false,
                                                                 .immediate_port = false}));
    EXPECT_EQ(decode_io(0x0060'0003 | 1u << 4 | 1u << 5),
              (IoQualification{.port = 0x60,
                               .size = 4,
                               .is_in = false,
                               .is_string = true,
                               .has_rep = true,
                               .immediate_port = false}));
    EXPECT_TRUE(decode_io(1u << 6)->immediate_port);
}

TEST(DecodeIo, ReservedSizesAreNone) {
    for (const unsigned size : {2u, 4u, 5u, 6u, 7u}) {
        EXPECT_FALSE(decode_io(size)) << size;
    }
}

TEST(DecodeIo, ReservedBitsDoNotMatter) {
    EXPECT_EQ(decode_io(0xffff'ffff'0000'ff80), decode_io(0));
}

TEST(DecodeCrAccess, MovToAndFrom) {
    const CrAccess to_cr0 = decode_cr_access(0x000);
    EXPECT_EQ(to_cr0.control_register, 0);
    EXPECT_EQ(to_cr0.type, CrAccessType::mov_to_cr);
    EXPECT_EQ(to_cr0.general_register, GeneralRegister::rax);
    const CrAccess from_cr8 = decode_cr_access(0x8 | 1u << 4 | 15u << 8);
    EXPECT_EQ(from_cr8.control_register, 8);
    EXPECT_EQ(from_cr8.type, CrAccessType::mov_from_cr);
    EXPECT_EQ(from_cr8.general_register, GeneralRegister::r15);
}

TEST(DecodeCrAccess, CltsAndLmsw) {
    EXPECT_EQ(decode_cr_access(2u << 4).type, CrAccessType::clts);
    const CrAccess lmsw = decode_cr_access(3u << 4 | 1u << 6 | 0xbeefu << 16);
    EXPECT_EQ(lmsw.type, CrAccessType::lmsw);
    EXPECT_TRUE(lmsw.lmsw_from_memory);
    EXPECT_EQ(lmsw.lmsw_source, 0xbeef);
}

TEST(DecodeDrAccess, BothWays) {
    EXPECT_EQ(decode_dr_access(7 | 3u << 8), (DrAccess{.debug_register = 7,
                                                       .from_dr = false,
                                                       .general_register = GeneralRegister::rbx}));
    EXPECT_EQ(
        decode_dr_access(6 | 1u << 4),
        (DrAccess{.debug_register = 6, .from_dr = true, .general_register = GeneralRegister::rax}));
}

TEST(DecodeEptViolation, OneBitAtATime) {
    EXPECT_EQ(decode_ept_violation(0), EptViolation{});
    EXPECT_TRUE(decode_ept_violation(1u << 0).read);
    EXPECT_TRUE(decode_ept_violation(1u << 1).write);
    EXPECT_TRUE(decode_ept_violation(1u << 2).fetch);
    EXPECT_TRUE(decode_ept_violation(1u << 3).readable);
    EXPECT_TRUE(decode_ept_violation(1u << 4).writable);
    EXPECT_TRUE(decode_ept_violation(1u << 5).executable);
    EXPECT_TRUE(decode_ept_violation(1u << 7).linear_valid);
    EXPECT_TRUE(decode_ept_violation(1u << 8).is_translation);
    EXPECT_TRUE(decode_ept_violation(1u << 12).nmi_unblocked_by_iret);
}

TEST(DecodeTaskSwitch, SelectorAndSource) {
    EXPECT_EQ(decode_task_switch(0x28 | 3u << 30),
              (TaskSwitch{.selector = 0x28, .source = TaskSwitchSource::task_gate}));
    EXPECT_EQ(decode_task_switch(0xffff | 1u << 30),
              (TaskSwitch{.selector = 0xffff, .source = TaskSwitchSource::iret}));
}

TEST(DecodeApicAccess, DefinedTypesOnly) {
    EXPECT_EQ(decode_apic_access(0x1300),
              (ApicAccess{.offset = 0x300, .type = ApicAccessType::linear_write}));
    for (std::uint64_t type = 0; type < 16; ++type) {
        const bool defined = type <= 3 || type == 10 || type == 15;
        EXPECT_EQ(decode_apic_access(type << 12).has_value(), defined) << type;
    }
}

TEST(DecodeSmallOnes, Masks) {
    EXPECT_EQ(decode_sipi_vector(0xffff'ff9a), 0x9a);
    EXPECT_EQ(decode_apic_write_offset(0xf300), 0x300);
}

TEST(DecodeInterruption, NeedsTheValidBit) {
    EXPECT_FALSE(decode_interruption(0x7fff'ffff));
    EXPECT_EQ(decode_interruption(0x8000'0202), (InterruptionInfo{.vector = 2,
                                                                  .type = InterruptionType::nmi,
                                                                  .has_error_code = false,
                                                                  .nmi_unblocked_by_iret = false}));
    EXPECT_EQ(decode_interruption(0x8000'1b0e),
              (InterruptionInfo{.vector = 14,
                                .type = InterruptionType::hardware_exception,
                                .has_error_code = true,
                                .nmi_unblocked_by_iret = true}));
}

TEST(DecodeEntryFailure, DefinedCausesOnly) {
    EXPECT_EQ(decode_entry_failure(0), EntryFailureCause::other);
    EXPECT_FALSE(decode_entry_failure(1));
    EXPECT_EQ(decode_entry_failure(2), EntryFailureCause::pdpte_loading);
    EXPECT_EQ(decode_entry_failure(3), EntryFailureCause::nmi_injection);
    EXPECT_EQ(decode_entry_failure(4), EntryFailureCause::vmcs_link_pointer);
    EXPECT_FALSE(decode_entry_failure(5));
    EXPECT_FALSE(decode_entry_failure(std::uint64_t{1} << 32));
}

}  // namespace
}  // namespace rmv
