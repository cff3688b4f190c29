// SPDX-License-Identifier: GPL-2.0-only
//
// MOV and its relatives.
#include "handlers.hpp"
#include "register_names.hpp"

namespace rmguest {
namespace {

// Real and virtual-8086 mode only: elsewhere a descriptor would have to be loaded. Not SS, whose
// load keeps interrupts away for one more instruction.
void load_segment(Execution& work, Segment segment, std::uint64_t selector) {
    if (is_protected(work.state())) {
        work.refuse("loading a segment register in protected mode");
    } else if (segment == Segment::ss) {
        work.refuse("loading SS");
    } else {
        kvm_segment& cache = segment_register(work.state().system, segment);
        cache.selector = static_cast<std::uint16_t>(selector);
        cache.base = std::uint64_t{cache.selector} << 4;
    }
}

void move(Execution& work) {
    const ZydisDecodedOperand& target = work.operand(0);
    const std::uint64_t value = work.load(1);
    if (target.type == ZYDIS_OPERAND_TYPE_REGISTER) {
        if (const auto segment = as_segment(target.reg.value)) {
            load_segment(work, *segment, value);
            return;
        }
    }
    work.store(0, value);
}

void move_sign_extended(Execution& work) { work.store(0, sign_extend(work.load(1), work.size(1))); }

void move_byte_swapped(Execution& work) {
    const std::uint64_t swapped = __builtin_bswap64(work.load(1));
    work.store(0, swapped >> (64 - 8 * work.size(0)));
}

// The offset first, then the selector (SDM: LDS/LES/LFS/LGS/LSS).
template <Segment segment>
void load_far_pointer(Execution& work) {
    const unsigned size = work.size(0);
    const std::uint64_t offset = work.load_memory(1, 0, size);
    load_segment(work, segment, work.load_memory(1, size, 2));
    work.store(0, offset);
}

constexpr Handler handlers[] = {
    {ZYDIS_MNEMONIC_MOV, move},
    {ZYDIS_MNEMONIC_MOVNTI, move},
    {ZYDIS_MNEMONIC_MOVZX, move},
    {ZYDIS_MNEMONIC_MOVSX, move_sign_extended},
    {ZYDIS_MNEMONIC_MOVSXD, move_sign_extended},
    {ZYDIS_MNEMONIC_MOVBE, move_byte_swapped},
    {ZYDIS_MNEMONIC_LDS, load_far_pointer<Segment::ds>},
    {ZYDIS_MNEMONIC_LES, load_far_pointer<Segment::es>},
    {ZYDIS_MNEMONIC_LFS, load_far_pointer<Segment::fs>},
    {ZYDIS_MNEMONIC_LGS, load_far_pointer<Segment::gs>},
};

}  // namespace

std::span<const Handler> move_handlers() { return handlers; }

}  // namespace rmguest
