// SPDX-License-Identifier: GPL-2.0-only
//
// The emulator in 16-, 32- and 64-bit code: an instruction does the same to registers, flags and
// memory wherever its operand is, so that what this CPU does in 64-bit code at [RBX] is what is
// wanted everywhere.
#include "in_modes.hpp"

namespace rmguest {
namespace {

// A fault of the CPU's own would end the test; pushes and pairs have tests of their own.
bool is_left_out(const Form& form) {
    return form.mnemonic == ZYDIS_MNEMONIC_DIV || form.mnemonic == ZYDIS_MNEMONIC_IDIV ||
           form.kind == Kind::pair || form.kind == Kind::stack;
}

bool has_size(const CodeMode& mode, const Form& form, unsigned size) {
    if (size == 8 && mode.code_bits != 64) return false;
    if (form.mnemonic == ZYDIS_MNEMONIC_MOVSXD) return mode.code_bits == 64 && size >= 4;
    if (form.kind == Kind::byte_only) return size == 1;
    const bool no_byte = form.kind == Kind::extend || form.kind == Kind::double_shift ||
                         form.kind == Kind::three_operands || is_word_or_more(form.mnemonic);
    return size != 1 || !no_byte;
}

// The instructions that guests use on devices are tried more often.
unsigned rounds_for(const Form& form) {
    switch (form.mnemonic) {
        case ZYDIS_MNEMONIC_MOV: return 40;
        case ZYDIS_MNEMONIC_MOVZX:
        case ZYDIS_MNEMONIC_MOVSX:
        case ZYDIS_MNEMONIC_TEST:
        case ZYDIS_MNEMONIC_XCHG: return 20;
        case ZYDIS_MNEMONIC_ADD:
        case ZYDIS_MNEMONIC_ADC:
        case ZYDIS_MNEMONIC_SUB:
        case ZYDIS_MNEMONIC_SBB:
        case ZYDIS_MNEMONIC_AND:
        case ZYDIS_MNEMONIC_OR:
        case ZYDIS_MNEMONIC_XOR:
        case ZYDIS_MNEMONIC_CMP: return 12;
        default: return 4;
    }
}

TEST_F(InModes, EveryFormOfEverySize) {
    for (const CodeMode& mode : modes)
        for (const Form& form : forms)
            for (const unsigned size : {1u, 2u, 4u, 8u}) {
                if (is_left_out(form) || !has_size(mode, form, size)) continue;
                const unsigned rounds = rounds_for(form);
                for (const unsigned bits : mode.address_bits) {
                    // Not every one can be encoded: AH excludes REX.
                    unsigned done = 0, tries = 0;
                    while (done < rounds && ++tries < 10 * rounds) {
                        const Instruction one = instruction(form, size);
                        for (unsigned round = 0; round < 3 && done < rounds; ++round)
                            done += compare(mode, one, bits) ? 1 : 0;
                        ASSERT_FALSE(HasFailure());
                    }
                    EXPECT_EQ(done, rounds)
                        << mode.name << ' ' << ZydisMnemonicGetString(form.mnemonic) << ' ' << size
                        << " bytes, " << bits << "-bit address";
                }
            }
}

// ---- MOV between the accumulator and an address in the instruction ----

TEST_F(InModes, MovOfAnAddressInTheInstruction) {
    constexpr std::uint64_t place = 0x812;
    for (const CodeMode& mode : modes)
        for (const unsigned bits : mode.address_bits)
            for (const unsigned size : {1u, 2u, 4u, 8u})
                for (const bool stores : {false, true}) {
                    if (size == 8 && mode.code_bits != 64) continue;
                    enter(mode);
                    const std::uint64_t offset = (is_long_ ? window : 0) + place;
                    const std::uint64_t old = guest(0), there = bus_.get(window + place, size);
                    Code code;
                    if (mode.code_bits != bits) code.push_back(0x67);
                    if (size == 2 ? mode.code_bits != 16 : size == 4 && mode.code_bits == 16)
                        code.push_back(0x66);
                    if (size == 8) code.push_back(0x48);
                    code.push_back(
                        static_cast<std::uint8_t>(0xa0 + (stores ? 2 : 0) + (size != 1 ? 1 : 0)));
                    for (unsigned at = 0; at < bits; at += 8)
                        code.push_back(static_cast<std::uint8_t>(offset >> at));
                    ASSERT_EQ(emulate_code(guest_, bus_, code).end, EmulationEnd::completed);
                    const std::uint64_t low = mask_of(size * 8);
                    EXPECT_EQ(bus_.get(window + place, size), stores ? old & low : there);
                    const std::uint64_t kept = size >= 4 ? 0 : old & ~low;
                    EXPECT_EQ(guest(0), stores ? old : kept | there)
                        << mode.name << ' ' << bits << ' ' << size;
                }
}

}  // namespace
}  // namespace rmguest
