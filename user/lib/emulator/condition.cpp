// SPDX-License-Identifier: GPL-2.0-only
//
// SETcc and CMOVcc.
#include "handlers.hpp"

namespace rmguest {
namespace {

// SDM: Appendix B, Encoding of Conditional Test Field; the low bit negates.
enum Condition : unsigned { o, no, b, nb, z, nz, be, nbe, s, ns, p, np, l, nl, le, nle };

bool holds(std::uint64_t flags, unsigned condition) {
    const bool is_less = ((flags & rflags::sign) != 0) != ((flags & rflags::overflow) != 0);
    bool result = false;
    switch (condition & ~1u) {
        case o: result = (flags & rflags::overflow) != 0; break;
        case b: result = (flags & rflags::carry) != 0; break;
        case z: result = (flags & rflags::zero) != 0; break;
        case be: result = (flags & (rflags::carry | rflags::zero)) != 0; break;
        case s: result = (flags & rflags::sign) != 0; break;
        case p: result = (flags & rflags::parity) != 0; break;
        case l: result = is_less; break;
        default: result = is_less || (flags & rflags::zero) != 0; break;
    }
    return result != ((condition & 1) != 0);
}

template <Condition condition>
void set_byte(Execution& work) {
    work.store(0, holds(work.flags(), condition) ? 1 : 0);
}

// The source is read in either case, and a 32-bit destination always loses its high half.
template <Condition condition>
void move_if(Execution& work) {
    const std::uint64_t value = work.load(1);
    work.store(0, holds(work.flags(), condition) ? value : work.load(0));
}

constexpr Handler handlers[] = {
    {ZYDIS_MNEMONIC_SETO, set_byte<o>},   {ZYDIS_MNEMONIC_SETNO, set_byte<no>},
    {ZYDIS_MNEMONIC_SETB, set_byte<b>},   {ZYDIS_MNEMONIC_SETNB, set_byte<nb>},
    {ZYDIS_MNEMONIC_SETZ, set_byte<z>},   {ZYDIS_MNEMONIC_SETNZ, set_byte<nz>},
    {ZYDIS_MNEMONIC_SETBE, set_byte<be>}, {ZYDIS_MNEMONIC_SETNBE, set_byte<nbe>},
    {ZYDIS_MNEMONIC_SETS, set_byte<s>},   {ZYDIS_MNEMONIC_SETNS, set_byte<ns>},
    {ZYDIS_MNEMONIC_SETP, set_byte<p>},   {ZYDIS_MNEMONIC_SETNP, set_byte<np>},
    {ZYDIS_MNEMONIC_SETL, set_byte<l>},   {ZYDIS_MNEMONIC_SETNL, set_byte<nl>},
    {ZYDIS_MNEMONIC_SETLE, set_byte<le>}, {ZYDIS_MNEMONIC_SETNLE, set_byte<nle>},
    {ZYDIS_MNEMONIC_CMOVO, move_if<o>},   {ZYDIS_MNEMONIC_CMOVNO, move_if<no>},
    {ZYDIS_MNEMONIC_CMOVB, move_if<b>},   {ZYDIS_MNEMONIC_CMOVNB, move_if<nb>},
    {ZYDIS_MNEMONIC_CMOVZ, move_if<z>},   {ZYDIS_MNEMONIC_CMOVNZ, move_if<nz>},
    {ZYDIS_MNEMONIC_CMOVBE, move_if<be>}, {ZYDIS_MNEMONIC_CMOVNBE, move_if<nbe>},
    {ZYDIS_MNEMONIC_CMOVS, move_if<s>},   {ZYDIS_MNEMONIC_CMOVNS, move_if<ns>},
    {ZYDIS_MNEMONIC_CMOVP, move_if<p>},   {ZYDIS_MNEMONIC_CMOVNP, move_if<np>},
    {ZYDIS_MNEMONIC_CMOVL, move_if<l>},   {ZYDIS_MNEMONIC_CMOVNL, move_if<nl>},
    {ZYDIS_MNEMONIC_CMOVLE, move_if<le>}, {ZYDIS_MNEMONIC_CMOVNLE, move_if<nle>},
};

}  // namespace

std::span<const Handler> condition_handlers() { return handlers; }

}  // namespace rmguest
