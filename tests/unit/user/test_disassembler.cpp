// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <vector>

#include "lib/disassembler.hpp"

namespace rmguest {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::string text(const Bytes& bytes, CodeSize size, std::uint64_t offset = 0) {
    const auto instruction = disassemble(bytes, size, offset);
    return instruction ? instruction->text : "none";
}

TEST(Disassembler, TheSameBytesBySize) {
    const Bytes bytes{0xb8, 0x34, 0x12, 0x78, 0x56};
    EXPECT_EQ(text(bytes, CodeSize::bits16), "mov ax, 0x1234");
    EXPECT_EQ(text(bytes, CodeSize::bits32), "mov eax, 0x56781234");
    EXPECT_EQ(text({0x48, 0x89, 0xc3}, CodeSize::bits64), "mov rbx, rax");
    EXPECT_EQ(disassemble(bytes, CodeSize::bits16, 0)->length, 3u);
}

TEST(Disassembler, RelativeTargetsAreOffsets) {
    EXPECT_EQ(text({0xeb, 0xfe}, CodeSize::bits16, 0x7c00), "jmp 0x7c00");
    EXPECT_EQ(text({0xe8, 0xfd, 0x00}, CodeSize::bits16, 0), "call 0x100");
}

TEST(Disassembler, ProtectedModeInstructionsIn16Bit) {
    EXPECT_EQ(text({0x0f, 0x00, 0xd0}, CodeSize::bits16), "lldt ax");
}

TEST(Disassembler, NoInstruction) {
    EXPECT_EQ(text({}, CodeSize::bits16), "none");
    EXPECT_EQ(text({0xb8, 0x34}, CodeSize::bits16), "none");
    EXPECT_EQ(text({0x0f, 0xff}, CodeSize::bits64), "none");
    EXPECT_EQ(text(Bytes(15, 0x66), CodeSize::bits16), "none");
}

}  // namespace
}  // namespace rmguest
