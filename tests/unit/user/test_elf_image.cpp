// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <functional>

#include "elf_builder.hpp"
#include "lib/image.hpp"

namespace rmguest {
namespace {

using Bytes = std::vector<std::uint8_t>;

ElfBuilder good_elf() {
    ElfBuilder elf;
    elf.header.e_entry = 0x8002;
    elf.add({.address = 0x8000, .bytes = {1, 2, 3, 4}, .memory_size = 4});
    elf.add({.address = 0x9000, .bytes = {5, 6}, .memory_size = 8});
    elf.add_symbol("start", 0x8002);
    elf.add_symbol("data", 0x9001, STT_OBJECT);
    return elf;
}

TEST(ElfImage, LoadsSegmentsByPhysicalAddress) {
    ElfBuilder elf = good_elf();
    elf.headers[1].p_paddr = 0xa000;
    const auto image = parse_elf(elf.build());
    ASSERT_TRUE(image.ok()) << image.error().what;
    ASSERT_EQ(image->segments.size(), 2u);
    EXPECT_EQ(image->segments[0].address, 0x8000u);
    EXPECT_EQ(image->segments[0].bytes, (Bytes{1, 2, 3, 4}));
    EXPECT_EQ(image->segments[1].address, 0xa000u);
    EXPECT_EQ(image->segments[1].memory_size, 8u);
    EXPECT_EQ(image->entry, 0x8002u);
    EXPECT_TRUE(image->is_elf);
}

TEST(ElfImage, EntryAndSymbolsFollowTheirSegment) {
    ElfBuilder elf = good_elf();
    elf.headers[0].p_paddr = 0x18000;
    const auto image = parse_elf(elf.build());
    ASSERT_TRUE(image.ok()) << image.error().what;
    EXPECT_EQ(image->entry, 0x18002u);
    const auto entry = choose_entry(*image, EntryChoice{std::string("start")}, 0x110000);
    ASSERT_TRUE(entry.ok()) << entry.error().what;
    EXPECT_EQ(entry.value(), (RealAddress{0x1000, 0x8002}));
}

TEST(ElfImage, UnknownSymbolNamesNearOnes) {
    const auto image = parse_elf(good_elf().build());
    ASSERT_TRUE(image.ok());
    const auto entry = choose_entry(*image, EntryChoice{std::string("strat")}, 0x110000);
    ASSERT_FALSE(entry.ok());
    EXPECT_NE(entry.error().advice.find("'start'"), std::string::npos);
}

TEST(ElfImage, UndefinedSymbolsAndSectionsAreNoEntries) {
    ElfBuilder elf = good_elf();
    elf.add_symbol("elsewhere", 0, STT_NOTYPE, SHN_UNDEF);
    elf.add_symbol("file.c", 0, STT_FILE);
    const auto image = parse_elf(elf.build());
    ASSERT_TRUE(image.ok());
    for (const ImageSymbol& symbol : image->symbols) {
        EXPECT_NE(symbol.name, "elsewhere");
        EXPECT_NE(symbol.name, "file.c");
    }
}

TEST(ElfImage, ZeroesWhatTheFileDoesNotHold) {
    const auto image = parse_elf(good_elf().build());
    ASSERT_TRUE(image.ok());
    Bytes memory(0x10000, 0xff);
    place_image(*image, memory);
    EXPECT_EQ(Bytes(memory.begin() + 0x9000, memory.begin() + 0x9009),
              (Bytes{5, 6, 0, 0, 0, 0, 0, 0, 0xff}));
}

TEST(ElfImage, IamcuIsTakenToo) {
    ElfBuilder elf = good_elf();
    elf.header.e_machine = EM_IAMCU;
    EXPECT_TRUE(parse_elf(elf.build()).ok());
}

TEST(ElfImage, SegmentsThatTouchDoNotOverlap) {
    ElfBuilder elf = good_elf();
    elf.add({.address = 0x8004, .bytes = {9}, .memory_size = 1});
    EXPECT_TRUE(parse_elf(elf.build()).ok());
}

TEST(ElfImage, EmptySegmentsAreLeftOut) {
    ElfBuilder elf = good_elf();
    elf.add({.address = 0x8000, .bytes = {}, .memory_size = 0});
    const auto image = parse_elf(elf.build());
    ASSERT_TRUE(image.ok());
    EXPECT_EQ(image->segments.size(), 2u);
}

struct BadElf {
    const char* name;
    std::function<void(ElfBuilder&)> spoil;
    const char* expected;  // part of the message
};

void PrintTo(const BadElf& bad, std::ostream* stream) { *stream << bad.name; }

class ElfImageBad : public testing::TestWithParam<BadElf> {};

TEST_P(ElfImageBad, IsRefusedByName) {
    ElfBuilder elf = good_elf();
    GetParam().spoil(elf);
    const auto image = parse_elf(elf.build());
    ASSERT_FALSE(image.ok());
    EXPECT_NE(image.error().what.find(GetParam().expected), std::string::npos)
        << image.error().what;
    EXPECT_FALSE(image.error().advice.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, ElfImageBad,
    testing::Values(
        BadElf{"class64", [](ElfBuilder& e) { e.header.e_ident[EI_CLASS] = ELFCLASS64; }, ""},
        BadElf{"no_class", [](ElfBuilder& e) { e.header.e_ident[EI_CLASS] = ELFCLASSNONE; }, ""},
        BadElf{"big_endian", [](ElfBuilder& e) { e.header.e_ident[EI_DATA] = ELFDATA2MSB; }, ""},
        BadElf{"machine", [](ElfBuilder& e) { e.header.e_machine = EM_ARM; }, "machine 40"},
        BadElf{"object", [](ElfBuilder& e) { e.header.e_type = ET_REL; }, "object file"},
        BadElf{"shared", [](ElfBuilder& e) { e.header.e_type = ET_DYN; }, "no executable"},
        BadElf{"no_load",
               [](ElfBuilder& e) { e.headers[0].p_type = e.headers[1].p_type = PT_NOTE; },
               "nothing to load"},
        BadElf{"past_end",
               [](ElfBuilder& e) {
                   e.headers[1].p_filesz = 0x7fffffff;
                   e.headers[1].p_memsz = 0x7fffffff;
               },
               "end of the file"},
        BadElf{"more_file_than_memory", [](ElfBuilder& e) { e.headers[0].p_memsz = 2; },
               "more bytes in the file"},
        BadElf{"overlap", [](ElfBuilder& e) { e.headers[1].p_paddr = 0x8003; }, "overlap"},
        BadElf{"inside", [](ElfBuilder& e) { e.headers[1].p_paddr = 0x7fff; }, "overlap"}),
    [](const auto& info) { return info.param.name; });

TEST(ElfImage, CutOffAnywhereNeverCrashes) {
    const Bytes whole = good_elf().build();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        (void)parse_elf(std::span(whole).first(size)).ok();
    }
    EXPECT_FALSE(parse_elf(std::span(whole).first(40)).ok());
}

TEST(ElfImage, AnyDamagedByteNeverCrashes) {
    const Bytes whole = good_elf().build();
    for (std::size_t place = 0; place < whole.size(); ++place) {
        for (const std::uint8_t value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
            Bytes damaged = whole;
            damaged[place] = value;
            const auto image = parse_elf(damaged);
            if (image && check_fits(*image, 0x10000)) {
                Bytes memory(0x10000);
                place_image(*image, memory);
            }
        }
    }
}

}  // namespace
}  // namespace rmguest
