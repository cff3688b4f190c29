// SPDX-License-Identifier: GPL-2.0-only
#include "disassembler.hpp"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <array>

namespace rmguest {
namespace {

ZydisDecoder make_decoder(CodeSize size) {
    ZydisDecoder decoder;
    switch (size) {
        case CodeSize::bits16:
            // Not REAL_16, which refuses what 16-bit protected-mode code may hold.
            ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16);
            break;
        case CodeSize::bits32:
            ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
            break;
        case CodeSize::bits64:
            ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
            break;
    }
    return decoder;
}

ZydisFormatter make_formatter() {
    ZydisFormatter formatter;
    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE,
                              ZYDIS_PADDING_DISABLED);
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_DISP_PADDING,
                              ZYDIS_PADDING_DISABLED);
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED);
    return formatter;
}

bool comes_back(const ZydisDecodedInstruction& instruction) {
    constexpr ZydisInstructionAttributes repeats =
        ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE;
    switch (instruction.mnemonic) {
        case ZYDIS_MNEMONIC_CALL:
        case ZYDIS_MNEMONIC_INT:
        case ZYDIS_MNEMONIC_INT3:
        case ZYDIS_MNEMONIC_INTO:
        case ZYDIS_MNEMONIC_LOOP:
        case ZYDIS_MNEMONIC_LOOPE:
        case ZYDIS_MNEMONIC_LOOPNE: return true;
        default: return (instruction.attributes & repeats) != 0;
    }
}

}  // namespace

std::optional<Disassembly> disassemble(std::span<const std::uint8_t> bytes, CodeSize size,
                                       std::uint64_t offset) {
    const ZydisDecoder decoder = make_decoder(size);
    const ZydisFormatter formatter = make_formatter();
    ZydisDecodedInstruction instruction;
    std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands;
    const std::size_t length = std::min(bytes.size(), longest_instruction);
    if (ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, bytes.data(), length, &instruction,
                                           operands.data()))) {
        return std::nullopt;
    }
    std::array<char, 160> text{};
    if (ZYAN_FAILED(ZydisFormatterFormatInstruction(&formatter, &instruction, operands.data(),
                                                    instruction.operand_count_visible, text.data(),
                                                    text.size(), offset, nullptr))) {
        return std::nullopt;
    }
    return Disassembly{text.data(), instruction.length, comes_back(instruction)};
}

}  // namespace rmguest
