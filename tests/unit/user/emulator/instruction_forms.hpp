// SPDX-License-Identifier: GPL-2.0-only
//
// The instructions with a memory operand that the emulator is to know, by the form of their
// operands, and the flags that the SDM leaves undefined.
#pragma once

#include <Zydis/Zydis.h>

#include <cstdint>

#include "lib/emulator/arithmetic.hpp"

namespace rmguest {

enum class Kind {
    memory_register,   // op [m], r
    register_memory,   // op r, [m]
    memory_immediate,  // op [m], imm
    memory_only,       // op [m]
    memory_count,      // op [m], imm8 or CL
    extend,            // op r, [smaller m]
    double_shift,      // op [m], r, imm8 or CL
    three_operands,    // op r, [m], imm
    pair,              // CMPXCHG8B/16B
    byte_only,         // SETcc
    stack,             // PUSH, POP
};

struct Form {
    ZydisMnemonic mnemonic;
    Kind kind;
    std::uint64_t undefined = 0;  // flags
};

inline constexpr std::uint64_t all_but_carry = rflags::status & ~rflags::carry;
inline constexpr std::uint64_t shift_undefined =
    rflags::adjust | rflags::overflow;  // OF: count of 1 apart
inline constexpr std::uint64_t multiply_undefined =
    rflags::sign | rflags::zero | rflags::adjust | rflags::parity;
inline constexpr std::uint64_t scan_undefined = rflags::status & ~rflags::zero;
inline constexpr std::uint64_t count_undefined = rflags::status & ~(rflags::zero | rflags::carry);

inline constexpr Form forms[] = {
    {ZYDIS_MNEMONIC_MOV, Kind::memory_register},
    {ZYDIS_MNEMONIC_MOV, Kind::register_memory},
    {ZYDIS_MNEMONIC_MOV, Kind::memory_immediate},
    {ZYDIS_MNEMONIC_MOVZX, Kind::extend},
    {ZYDIS_MNEMONIC_MOVSX, Kind::extend},
    {ZYDIS_MNEMONIC_MOVSXD, Kind::extend},
    {ZYDIS_MNEMONIC_ADD, Kind::memory_register},
    {ZYDIS_MNEMONIC_ADD, Kind::register_memory},
    {ZYDIS_MNEMONIC_ADD, Kind::memory_immediate},
    {ZYDIS_MNEMONIC_ADC, Kind::memory_register},
    {ZYDIS_MNEMONIC_ADC, Kind::register_memory},
    {ZYDIS_MNEMONIC_ADC, Kind::memory_immediate},
    {ZYDIS_MNEMONIC_SUB, Kind::memory_register},
    {ZYDIS_MNEMONIC_SUB, Kind::register_memory},
    {ZYDIS_MNEMONIC_SUB, Kind::memory_immediate},
    {ZYDIS_MNEMONIC_SBB, Kind::memory_register},
    {ZYDIS_MNEMONIC_SBB, Kind::register_memory},
    {ZYDIS_MNEMONIC_SBB, Kind::memory_immediate},
    {ZYDIS_MNEMONIC_AND, Kind::memory_register, rflags::adjust},
    {ZYDIS_MNEMONIC_AND, Kind::register_memory, rflags::adjust},
    {ZYDIS_MNEMONIC_AND, Kind::memory_immediate, rflags::adjust},
    {ZYDIS_MNEMONIC_OR, Kind::memory_register, rflags::adjust},
    {ZYDIS_MNEMONIC_OR, Kind::register_memory, rflags::adjust},
    {ZYDIS_MNEMONIC_OR, Kind::memory_immediate, rflags::adjust},
    {ZYDIS_MNEMONIC_XOR, Kind::memory_register, rflags::adjust},
    {ZYDIS_MNEMONIC_XOR, Kind::register_memory, rflags::adjust},
    {ZYDIS_MNEMONIC_XOR, Kind::memory_immediate, rflags::adjust},
    {ZYDIS_MNEMONIC_CMP, Kind::memory_register},
    {ZYDIS_MNEMONIC_CMP, Kind::register_memory},
    {ZYDIS_MNEMONIC_CMP, Kind::memory_immediate},
    {ZYDIS_MNEMONIC_TEST, Kind::memory_register, rflags::adjust},
    {ZYDIS_MNEMONIC_TEST, Kind::memory_immediate, rflags::adjust},
    {ZYDIS_MNEMONIC_INC, Kind::memory_only},
    {ZYDIS_MNEMONIC_DEC, Kind::memory_only},
    {ZYDIS_MNEMONIC_NEG, Kind::memory_only},
    {ZYDIS_MNEMONIC_NOT, Kind::memory_only},
    {ZYDIS_MNEMONIC_SHL, Kind::memory_count, shift_undefined},
    {ZYDIS_MNEMONIC_SHR, Kind::memory_count, shift_undefined},
    {ZYDIS_MNEMONIC_SAR, Kind::memory_count, shift_undefined},
    {ZYDIS_MNEMONIC_ROL, Kind::memory_count, rflags::overflow},
    {ZYDIS_MNEMONIC_ROR, Kind::memory_count, rflags::overflow},
    {ZYDIS_MNEMONIC_RCL, Kind::memory_count, rflags::overflow},
    {ZYDIS_MNEMONIC_RCR, Kind::memory_count, rflags::overflow},
    {ZYDIS_MNEMONIC_SHLD, Kind::double_shift, shift_undefined},
    {ZYDIS_MNEMONIC_SHRD, Kind::double_shift, shift_undefined},
    {ZYDIS_MNEMONIC_MUL, Kind::memory_only, multiply_undefined},
    {ZYDIS_MNEMONIC_IMUL, Kind::memory_only, multiply_undefined},
    {ZYDIS_MNEMONIC_IMUL, Kind::three_operands, multiply_undefined},
    {ZYDIS_MNEMONIC_DIV, Kind::memory_only, rflags::status},
    {ZYDIS_MNEMONIC_IDIV, Kind::memory_only, rflags::status},
    {ZYDIS_MNEMONIC_XCHG, Kind::memory_register},
    {ZYDIS_MNEMONIC_XADD, Kind::memory_register},
    {ZYDIS_MNEMONIC_CMPXCHG, Kind::memory_register},
    {ZYDIS_MNEMONIC_CMPXCHG8B, Kind::pair},
    {ZYDIS_MNEMONIC_CMPXCHG16B, Kind::pair},
    {ZYDIS_MNEMONIC_BT, Kind::memory_count, all_but_carry & ~rflags::zero},
    {ZYDIS_MNEMONIC_BTS, Kind::memory_count, all_but_carry & ~rflags::zero},
    {ZYDIS_MNEMONIC_BTR, Kind::memory_count, all_but_carry & ~rflags::zero},
    {ZYDIS_MNEMONIC_BTC, Kind::memory_count, all_but_carry & ~rflags::zero},
    {ZYDIS_MNEMONIC_BSF, Kind::register_memory, scan_undefined},
    {ZYDIS_MNEMONIC_BSR, Kind::register_memory, scan_undefined},
    {ZYDIS_MNEMONIC_TZCNT, Kind::register_memory, count_undefined},
    {ZYDIS_MNEMONIC_LZCNT, Kind::register_memory, count_undefined},
    {ZYDIS_MNEMONIC_POPCNT, Kind::register_memory},
    {ZYDIS_MNEMONIC_MOVBE, Kind::register_memory},
    {ZYDIS_MNEMONIC_MOVBE, Kind::memory_register},
    {ZYDIS_MNEMONIC_SETO, Kind::byte_only},
    {ZYDIS_MNEMONIC_SETNB, Kind::byte_only},
    {ZYDIS_MNEMONIC_SETZ, Kind::byte_only},
    {ZYDIS_MNEMONIC_SETBE, Kind::byte_only},
    {ZYDIS_MNEMONIC_SETNS, Kind::byte_only},
    {ZYDIS_MNEMONIC_SETP, Kind::byte_only},
    {ZYDIS_MNEMONIC_SETL, Kind::byte_only},
    {ZYDIS_MNEMONIC_SETNLE, Kind::byte_only},
    {ZYDIS_MNEMONIC_CMOVNO, Kind::register_memory},
    {ZYDIS_MNEMONIC_CMOVB, Kind::register_memory},
    {ZYDIS_MNEMONIC_CMOVNZ, Kind::register_memory},
    {ZYDIS_MNEMONIC_CMOVNBE, Kind::register_memory},
    {ZYDIS_MNEMONIC_CMOVS, Kind::register_memory},
    {ZYDIS_MNEMONIC_CMOVNP, Kind::register_memory},
    {ZYDIS_MNEMONIC_CMOVNL, Kind::register_memory},
    {ZYDIS_MNEMONIC_CMOVLE, Kind::register_memory},
    {ZYDIS_MNEMONIC_PUSH, Kind::stack},
    {ZYDIS_MNEMONIC_POP, Kind::stack},
};

// Has no form with a byte.
inline bool is_word_or_more(ZydisMnemonic mnemonic) {
    switch (mnemonic) {
        case ZYDIS_MNEMONIC_BT:
        case ZYDIS_MNEMONIC_BTS:
        case ZYDIS_MNEMONIC_BTR:
        case ZYDIS_MNEMONIC_BTC:
        case ZYDIS_MNEMONIC_BSF:
        case ZYDIS_MNEMONIC_BSR:
        case ZYDIS_MNEMONIC_TZCNT:
        case ZYDIS_MNEMONIC_LZCNT:
        case ZYDIS_MNEMONIC_POPCNT:
        case ZYDIS_MNEMONIC_MOVBE:
        case ZYDIS_MNEMONIC_CMOVNO:
        case ZYDIS_MNEMONIC_CMOVB:
        case ZYDIS_MNEMONIC_CMOVNZ:
        case ZYDIS_MNEMONIC_CMOVNBE:
        case ZYDIS_MNEMONIC_CMOVS:
        case ZYDIS_MNEMONIC_CMOVNP:
        case ZYDIS_MNEMONIC_CMOVNL:
        case ZYDIS_MNEMONIC_CMOVLE: return true;
        default: return false;
    }
}

}  // namespace rmguest
