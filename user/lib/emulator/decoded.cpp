// SPDX-License-Identifier: GPL-2.0-only
#include "decoded.hpp"

#include <algorithm>

namespace rmguest {
namespace {

ZydisStackWidth stack_width(CodeSize size) {
    switch (size) {
        case CodeSize::bits16: return ZYDIS_STACK_WIDTH_16;
        case CodeSize::bits32: return ZYDIS_STACK_WIDTH_32;
        case CodeSize::bits64: return ZYDIS_STACK_WIDTH_64;
    }
    return ZYDIS_STACK_WIDTH_16;
}

ZydisMachineMode machine_mode(CodeSize size) {
    switch (size) {
        case CodeSize::bits16: return ZYDIS_MACHINE_MODE_LEGACY_16;
        case CodeSize::bits32: return ZYDIS_MACHINE_MODE_LEGACY_32;
        case CodeSize::bits64: return ZYDIS_MACHINE_MODE_LONG_64;
    }
    return ZYDIS_MACHINE_MODE_LEGACY_16;
}

bool compares(ZydisMnemonic mnemonic) {
    switch (mnemonic) {
        case ZYDIS_MNEMONIC_CMPSB:
        case ZYDIS_MNEMONIC_CMPSW:
        case ZYDIS_MNEMONIC_CMPSD:
        case ZYDIS_MNEMONIC_CMPSQ:
        case ZYDIS_MNEMONIC_SCASB:
        case ZYDIS_MNEMONIC_SCASW:
        case ZYDIS_MNEMONIC_SCASD:
        case ZYDIS_MNEMONIC_SCASQ: return true;
        default: return false;
    }
}

}  // namespace

std::optional<Decoded> decode(std::span<const std::uint8_t> bytes, const VcpuState& state) {
    ZydisDecoder decoder;
    if (ZYAN_FAILED(ZydisDecoderInit(&decoder, machine_mode(code_size(state)),
                                     stack_width(stack_size(state))))) {
        return std::nullopt;
    }
    Decoded decoded;
    const std::size_t length = std::min(bytes.size(), longest_instruction);
    if (ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, bytes.data(), length, &decoded.info,
                                           decoded.operands.data()))) {
        return std::nullopt;
    }
    return decoded;
}

bool is_string(const Decoded& instruction) {
    return instruction.info.meta.category == ZYDIS_CATEGORY_STRINGOP;
}

// Not by Zydis's attributes: the CPU takes F2 before MOVS, STOS and LODS for REP. The last one
// counts.
Repeat repeat_of(const Decoded& instruction) {
    Repeat repeat = Repeat::none;
    const bool compare = compares(instruction.info.mnemonic);
    for (unsigned index = 0; index < instruction.info.raw.prefix_count; ++index) {
        const std::uint8_t prefix = instruction.info.raw.prefixes[index].value;
        if (prefix == 0xf2) {
            repeat = compare ? Repeat::while_not_equal : Repeat::always;
        } else if (prefix == 0xf3) {
            repeat = compare ? Repeat::while_equal : Repeat::always;
        }
    }
    return repeat;
}

}  // namespace rmguest
