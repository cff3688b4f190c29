// SPDX-License-Identifier: GPL-2.0-only
//
// One iteration of the string instructions. The repeat prefixes are emulator.cpp's.
#include "handlers.hpp"
#include "register_names.hpp"

namespace rmguest {
namespace {

constexpr unsigned accumulator = 0;
constexpr unsigned source_index = 6;       // rSI
constexpr unsigned destination_index = 7;  // rDI

// The operand in memory that one of the two index registers points to.
unsigned operand_at(const Execution& work, unsigned index_register) {
    for (unsigned index = 0; index < work.instruction().info.operand_count; ++index) {
        if (work.is_memory(index)) {
            const auto base = as_general(work.operand(index).mem.base);
            if (base && base->number == index_register) {
                return index;
            }
        }
    }
    return 0;
}

void advance(Execution& work, unsigned index_register, unsigned size) {
    const bool down = (work.flags() & rflags::direction) != 0;
    const std::uint64_t old = work.general(index_register, work.address_size());
    work.set_general(index_register, work.address_size(), down ? old - size : old + size);
}

template <unsigned size>
void move_string(Execution& work) {
    const unsigned target = operand_at(work, destination_index);
    work.probe_write(target);  // a device is not read for a write that faults
    const std::uint64_t value = work.load(operand_at(work, source_index));
    work.store(target, value);
    advance(work, source_index, size);
    advance(work, destination_index, size);
}

template <unsigned size>
void store_string(Execution& work) {
    work.store(operand_at(work, destination_index), work.general(accumulator, size));
    advance(work, destination_index, size);
}

template <unsigned size>
void load_string(Execution& work) {
    work.set_general(accumulator, size, work.load(operand_at(work, source_index)));
    advance(work, source_index, size);
}

template <unsigned size>
void compare_strings(Execution& work) {
    const std::uint64_t first = work.load(operand_at(work, source_index));
    const std::uint64_t second = work.load(operand_at(work, destination_index));
    work.set_flags(subtract({first, second, 0, size}));
    advance(work, source_index, size);
    advance(work, destination_index, size);
}

template <unsigned size>
void scan_string(Execution& work) {
    const std::uint64_t value = work.load(operand_at(work, destination_index));
    work.set_flags(subtract({work.general(accumulator, size), value, 0, size}));
    advance(work, destination_index, size);
}

constexpr Handler handlers[] = {
    {ZYDIS_MNEMONIC_MOVSB, move_string<1>},     {ZYDIS_MNEMONIC_MOVSW, move_string<2>},
    {ZYDIS_MNEMONIC_MOVSD, move_string<4>},     {ZYDIS_MNEMONIC_MOVSQ, move_string<8>},
    {ZYDIS_MNEMONIC_STOSB, store_string<1>},    {ZYDIS_MNEMONIC_STOSW, store_string<2>},
    {ZYDIS_MNEMONIC_STOSD, store_string<4>},    {ZYDIS_MNEMONIC_STOSQ, store_string<8>},
    {ZYDIS_MNEMONIC_LODSB, load_string<1>},     {ZYDIS_MNEMONIC_LODSW, load_string<2>},
    {ZYDIS_MNEMONIC_LODSD, load_string<4>},     {ZYDIS_MNEMONIC_LODSQ, load_string<8>},
    {ZYDIS_MNEMONIC_CMPSB, compare_strings<1>}, {ZYDIS_MNEMONIC_CMPSW, compare_strings<2>},
    {ZYDIS_MNEMONIC_CMPSD, compare_strings<4>}, {ZYDIS_MNEMONIC_CMPSQ, compare_strings<8>},
    {ZYDIS_MNEMONIC_SCASB, scan_string<1>},     {ZYDIS_MNEMONIC_SCASW, scan_string<2>},
    {ZYDIS_MNEMONIC_SCASD, scan_string<4>},     {ZYDIS_MNEMONIC_SCASQ, scan_string<8>},
};

}  // namespace

std::span<const Handler> string_handlers() { return handlers; }

}  // namespace rmguest
