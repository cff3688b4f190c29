// SPDX-License-Identifier: GPL-2.0-only
// Which instructions the shim does for a guest that reads a register of its APIC.
#include <gtest/gtest.h>

#include <vector>

#include "shim/insn_load.h"

namespace {

struct Row {
    const char* name;
    u32 code_bits;
    std::vector<u8> code;
    int reg;  // -1: not for here
};

const Row rows[] = {
    {"mov eax, [bx]", 16, {0x66, 0x8b, 0x07}, 0},
    {"mov edi, [bp + 12h]", 16, {0x66, 0x8b, 0x7e, 0x12}, 7},
    {"mov ecx, [si + 1234h]", 16, {0x66, 0x8b, 0x8c, 0x34, 0x12}, 1},
    {"mov edx, [1234h]", 16, {0x66, 0x8b, 0x16, 0x34, 0x12}, 2},
    {"mov eax, [1234h]", 16, {0x66, 0xa1, 0x34, 0x12}, 0},
    {"mov eax, [fs:ebx]", 16, {0x64, 0x66, 0x67, 0x8b, 0x03}, 0},
    {"mov eax, [es:ebx], other order", 16, {0x67, 0x66, 0x26, 0x8b, 0x03}, 0},
    {"mov eax, [12345678h], 32-bit address", 16, {0x66, 0x67, 0xa1, 0x78, 0x56, 0x34, 0x12}, 0},
    {"mov ax, [bx]", 16, {0x8b, 0x07}, -1},
    {"mov eax, [ebx]", 32, {0x8b, 0x03}, 0},
    {"mov esi, [ebp + 12h]", 32, {0x8b, 0x75, 0x12}, 6},
    {"mov ebx, [12345678h]", 32, {0x8b, 0x1d, 0x78, 0x56, 0x34, 0x12}, 3},
    {"mov eax, [esp]", 32, {0x8b, 0x04, 0x24}, 0},
    {"mov eax, [ecx * 4 + 12345678h]", 32, {0x8b, 0x04, 0x8d, 0x78, 0x56, 0x34, 0x12}, 0},
    {"mov eax, [ebp + ecx * 4 + 12h]", 32, {0x8b, 0x44, 0x8d, 0x12}, 0},
    {"mov eax, [eax + ecx + 12345678h]", 32, {0x8b, 0x84, 0x08, 0x78, 0x56, 0x34, 0x12}, 0},
    {"mov eax, [bx], 16-bit address", 32, {0x67, 0x8b, 0x07}, 0},
    {"mov eax, [12345678h]", 32, {0xa1, 0x78, 0x56, 0x34, 0x12}, 0},
    {"inc eax is no REX", 32, {0x40, 0x8b, 0x03}, -1},
    {"mov ax, [ebx]", 32, {0x66, 0x8b, 0x03}, -1},
    {"mov eax, ebx", 32, {0x8b, 0xc3}, -1},
    {"mov al, [ebx]", 32, {0x8a, 0x03}, -1},
    {"mov [ebx], eax", 32, {0x89, 0x03}, -1},
    {"lock mov eax, [ebx]", 32, {0xf0, 0x8b, 0x03}, -1},
    {"add eax, [ebx]", 32, {0x03, 0x03}, -1},
    {"mov eax, [rbx]", 64, {0x8b, 0x03}, 0},
    {"mov r9d, [r11 + 12h]", 64, {0x45, 0x8b, 0x4b, 0x12}, 9},
    {"mov eax, [rip + 12345678h]", 64, {0x8b, 0x05, 0x78, 0x56, 0x34, 0x12}, 0},
    {"mov eax, [r12]", 64, {0x41, 0x8b, 0x04, 0x24}, 0},
    {"mov eax, [r13 + 12h]", 64, {0x41, 0x8b, 0x45, 0x12}, 0},
    {"mov eax, [ebx], 32-bit address", 64, {0x67, 0x8b, 0x03}, 0},
    {"mov eax, [offset of 64 bits]", 64, {0xa1, 0, 0, 0xe0, 0xfe, 0, 0, 0, 0}, 0},
    {"mov eax, [offset of 32 bits]", 64, {0x67, 0xa1, 0, 0, 0xe0, 0xfe}, 0},
    {"mov rax, [rbx]", 64, {0x48, 0x8b, 0x03}, -1},
    {"a REX that another prefix follows", 64, {0x44, 0x67, 0x8b, 0x03}, -1},
};

TEST(InsnLoad, LengthAndRegister) {
    for (const Row& row : rows) {
        std::vector<u8> bytes = row.code;
        bytes.resize(15, 0x90);  // what follows
        insn_load load{};
        const bool known = insn_load_decode(bytes.data(), 15, row.code_bits, &load);
        EXPECT_EQ(known, row.reg >= 0) << row.name;
        if (!known) continue;
        EXPECT_EQ(load.length, row.code.size()) << row.name;
        EXPECT_EQ(load.reg, row.reg) << row.name;
    }
}

TEST(InsnLoad, AllBytesHaveToBeThere) {
    for (const Row& row : rows)
        for (u32 count = 0; count < row.code.size(); ++count) {
            // In memory of its own, so that a byte too many is found.
            const std::vector<u8> bytes(row.code.begin(), row.code.begin() + count);
            insn_load load{};
            EXPECT_FALSE(insn_load_decode(bytes.data(), count, row.code_bits, &load))
                << row.name << ' ' << count;
        }
}

TEST(InsnLoad, PrefixesWithoutEnd) {
    const std::vector<u8> bytes(15, 0x66);
    insn_load load{};
    EXPECT_FALSE(insn_load_decode(bytes.data(), 15, 32, &load));
}

}  // namespace
