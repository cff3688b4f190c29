// SPDX-License-Identifier: GPL-2.0-only
// Control register, EFER and RFLAGS bits (SDM: Control Registers; Extended Feature Enable Register;
// System Flags and Fields in the EFLAGS Register).
#pragma once

#include "x86/types.hpp"

namespace rmv {

// Bits beside each other, as in the manual's figures.
// clang-format off
enum class Cr0 : u64 {
    pe = bit(0), mp = bit(1), em = bit(2), ts = bit(3), et = bit(4), ne = bit(5),
    wp = bit(16), am = bit(18), nw = bit(29), cd = bit(30), pg = bit(31),
};

enum class Cr4 : u64 {
    vme = bit(0), pvi = bit(1), tsd = bit(2), de = bit(3), pse = bit(4), pae = bit(5),
    mce = bit(6), pge = bit(7), pce = bit(8), osfxsr = bit(9), osxmmexcpt = bit(10),
    umip = bit(11), la57 = bit(12), vmxe = bit(13), smxe = bit(14), fsgsbase = bit(16),
    pcide = bit(17), osxsave = bit(18), kl = bit(19), smep = bit(20), smap = bit(21),
    pke = bit(22), cet = bit(23), pks = bit(24), uintr = bit(25), lass = bit(27),
    lam_sup = bit(28), fred = bit(32),
};

// XCR0 and XSTATE_BV: state components (SDM: XSAVE-Supported Features and State-Component Bitmaps).
enum class Xcr0 : u64 {
    x87 = bit(0), sse = bit(1), avx = bit(2), opmask = bit(5), zmm_hi256 = bit(6),
    hi16_zmm = bit(7),
};

enum class Efer : u64 { sce = bit(0), lme = bit(8), lma = bit(10), nxe = bit(11) };

enum class Rflags : u64 {
    cf = bit(0), fixed1 = bit(1), tf = bit(8), iflag = bit(9), df = bit(10), nt = bit(14),
    rf = bit(16), vm = bit(17),
};
// clang-format on

// IA32_S_CET: supervisor shadow stacks.
enum class SCet : u64 { shstk_en = bit(0) };

// Bit 63 of a MOV to CR3 asks not to flush; it is no part of the register.
inline constexpr u64 cr3_no_flush = bit(63);
inline constexpr u64 cr3_pcid_mask = 0xfff;

// IA32_PAT at reset: WB, WT, UC-, UC, twice (SDM: Programming the PAT).
inline constexpr u64 pat_reset = 0x0007040600070406;

}  // namespace rmv
