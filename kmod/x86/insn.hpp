// SPDX-License-Identifier: GPL-2.0-only
// One-instruction wrappers for what is not VMX (that is vmx/insn.hpp). Unit tests put a fake CPU in
// this header's place by include path, so nothing here decides anything.
//
// None of these may fault where they are called; MSRs that may not exist go through vmx/safe.hpp.
#pragma once

#include "x86/msr.hpp"

namespace rmv::insn {

// What asm writes is not initialised before.
// NOLINTBEGIN(cppcoreguidelines-init-variables)

struct CpuidRegs {
    u32 eax, ebx, ecx, edx;
};

// The operand of SGDT, SIDT, LGDT, LIDT in 64-bit mode.
struct [[gnu::packed]] TableRegister {
    u16 limit;
    u64 base;
};
static_assert(sizeof(TableRegister) == 10);

// The memory image of FXSAVE and FXRSTOR (SDM: Layout of the 64-bit Mode FXSAVE64 Map).
struct alignas(16) FxsaveImage {
    u16 fcw, fsw;
    u8 ftw, reserved0;
    u16 fop;
    u64 fip, fdp;
    u32 mxcsr, mxcsr_mask;
    u8 st[8][16];
    u8 xmm[16][16];
    u8 reserved1[96];
};
static_assert(sizeof(FxsaveImage) == 512);

inline CpuidRegs cpuid(u32 leaf, u32 subleaf) noexcept {
    CpuidRegs r;
    asm volatile("cpuid"
                 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                 : "a"(leaf), "c"(subleaf));
    return r;
}

inline u64 rdmsr(Msr msr) noexcept {
    u32 low, high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(static_cast<u32>(msr)));
    return join(high, low);
}

inline void wrmsr(Msr msr, u64 value) noexcept {
    asm volatile("wrmsr" ::"a"(low32(value)), "d"(high32(value)), "c"(static_cast<u32>(msr))
                 : "memory");
}

inline u64 rdtsc() noexcept {
    u32 low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return join(high, low);
}

// One wrapper, one line.
// clang-format off
inline u64 read_cr0() noexcept { u64 v; asm volatile("mov %%cr0, %0" : "=r"(v)); return v; }
inline u64 read_cr2() noexcept { u64 v; asm volatile("mov %%cr2, %0" : "=r"(v)); return v; }
inline u64 read_cr3() noexcept { u64 v; asm volatile("mov %%cr3, %0" : "=r"(v)); return v; }
inline u64 read_cr4() noexcept { u64 v; asm volatile("mov %%cr4, %0" : "=r"(v)); return v; }
inline void write_cr0(u64 v) noexcept { asm volatile("mov %0, %%cr0" ::"r"(v) : "memory"); }
inline void write_cr2(u64 v) noexcept { asm volatile("mov %0, %%cr2" ::"r"(v) : "memory"); }
inline void write_cr3(u64 v) noexcept { asm volatile("mov %0, %%cr3" ::"r"(v) : "memory"); }
inline void write_cr4(u64 v) noexcept { asm volatile("mov %0, %%cr4" ::"r"(v) : "memory"); }
inline u64 read_dr7() noexcept { u64 v; asm volatile("mov %%dr7, %0" : "=r"(v)); return v; }
inline void write_dr7(u64 v) noexcept { asm volatile("mov %0, %%dr7" ::"r"(v) : "memory"); }

inline void write_dr0(u64 v) noexcept { asm volatile("mov %0, %%dr0" ::"r"(v)); }
inline void write_dr1(u64 v) noexcept { asm volatile("mov %0, %%dr1" ::"r"(v)); }
inline void write_dr2(u64 v) noexcept { asm volatile("mov %0, %%dr2" ::"r"(v)); }
inline void write_dr3(u64 v) noexcept { asm volatile("mov %0, %%dr3" ::"r"(v)); }
inline u64 read_dr0() noexcept { u64 v; asm volatile("mov %%dr0, %0" : "=r"(v)); return v; }
inline u64 read_dr1() noexcept { u64 v; asm volatile("mov %%dr1, %0" : "=r"(v)); return v; }
inline u64 read_dr2() noexcept { u64 v; asm volatile("mov %%dr2, %0" : "=r"(v)); return v; }
inline u64 read_dr3() noexcept { u64 v; asm volatile("mov %%dr3, %0" : "=r"(v)); return v; }
inline u64 read_dr6() noexcept { u64 v; asm volatile("mov %%dr6, %0" : "=r"(v)); return v; }
inline void write_dr6(u64 v) noexcept { asm volatile("mov %0, %%dr6" ::"r"(v)); }
// clang-format on

// The x87, MMX and SSE registers from a 512-byte image (SDM: FXSAVE, 64-bit mode with REX.W).
inline void fxrstor(const FxsaveImage& image) noexcept {
    asm volatile("fxrstor64 %0" ::"m"(image));
}
inline void fxsave(FxsaveImage& image) noexcept { asm volatile("fxsave64 %0" : "=m"(image)); }

// The extended states that XCR0 enables and `components` names, in the standard format; the image
// is the start of an area that has room for them. CR4.OSXSAVE is set.
inline void xsave(FxsaveImage& image, u64 components) noexcept {
    asm volatile("xsave64 %0"
                 : "+m"(image)
                 : "a"(low32(components)), "d"(high32(components))
                 : "memory");
}
inline void xrstor(const FxsaveImage& image, u64 components) noexcept {
    asm volatile("xrstor64 %0" ::"m"(image), "a"(low32(components)), "d"(high32(components))
                 : "memory");
}

inline u64 xgetbv(u32 xcr) noexcept {
    u32 low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(xcr));
    return join(high, low);
}

inline void xsetbv(u32 xcr, u64 value) noexcept {
    asm volatile("xsetbv" ::"c"(xcr), "a"(low32(value)), "d"(high32(value)) : "memory");
}

// clang-format off
inline u64 read_rflags() noexcept { u64 v; asm volatile("pushfq; pop %0" : "=r"(v)); return v; }

inline TableRegister sgdt() noexcept { TableRegister t;
    asm volatile("sgdt %0" : "=m"(t)); return t; }
inline TableRegister sidt() noexcept { TableRegister t;
    asm volatile("sidt %0" : "=m"(t)); return t; }
inline void lgdt(const TableRegister& t) noexcept { asm volatile("lgdt %0" ::"m"(t) : "memory"); }
inline void lidt(const TableRegister& t) noexcept { asm volatile("lidt %0" ::"m"(t) : "memory"); }
inline u16 str() noexcept { u16 s; asm volatile("str %0" : "=r"(s)); return s; }
inline u16 sldt() noexcept { u16 s; asm volatile("sldt %0" : "=r"(s)); return s; }
inline void ltr(u16 s) noexcept { asm volatile("ltr %0" ::"r"(s) : "memory"); }
inline void lldt(u16 s) noexcept { asm volatile("lldt %0" ::"r"(s) : "memory"); }

inline u16 read_cs() noexcept { u16 s; asm volatile("mov %%cs, %0" : "=r"(s)); return s; }
inline u16 read_ss() noexcept { u16 s; asm volatile("mov %%ss, %0" : "=r"(s)); return s; }
inline u16 read_ds() noexcept { u16 s; asm volatile("mov %%ds, %0" : "=r"(s)); return s; }
inline u16 read_es() noexcept { u16 s; asm volatile("mov %%es, %0" : "=r"(s)); return s; }
inline u16 read_fs() noexcept { u16 s; asm volatile("mov %%fs, %0" : "=r"(s)); return s; }
inline u16 read_gs() noexcept { u16 s; asm volatile("mov %%gs, %0" : "=r"(s)); return s; }
// clang-format on

inline void load_data_segments(u16 ds, u16 es, u16 fs, u16 gs) noexcept {
    asm volatile("mov %0, %%ds; mov %1, %%es; mov %2, %%fs; mov %3, %%gs"
                 :
                 : "r"(u32{ds}), "r"(u32{es}), "r"(u32{fs}), "r"(u32{gs})
                 : "memory");
}

// LAR: the access rights in bits 23:8; false if the descriptor can't be read.
inline bool lar(u16 selector, u32& rights) noexcept {
    bool ok;
    asm volatile("lar %2, %0" : "=r"(rights), "=@ccz"(ok) : "r"(u32{selector}));
    return ok;
}

inline u32 lsl(u16 selector) noexcept {
    u32 limit = 0;
    asm volatile("lsl %1, %0" : "+r"(limit) : "r"(u32{selector}) : "cc");
    return limit;
}

inline void outb(u16 port, u8 value) noexcept {
    asm volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}
inline void int3() noexcept { asm volatile("int3" ::: "memory"); }
inline void raise_machine_check() noexcept { asm volatile("int $18" ::: "memory"); }

inline void wbinvd() noexcept { asm volatile("wbinvd" ::: "memory"); }
// Of a writable data segment that exists: with MD_CLEAR it overwrites buffers too.
inline void verw() noexcept {
    const u16 selector = read_ss();
    asm volatile("verw %0" ::"m"(selector) : "cc", "memory");
}
inline void pause() noexcept { asm volatile("pause" ::: "memory"); }
inline void halt_forever() noexcept { asm volatile("1: cli; hlt; jmp 1b" ::: "memory"); }

inline void mmio_write32(volatile u32* address, u32 value) noexcept { *address = value; }
inline u32 mmio_read32(const volatile u32* address) noexcept { return *address; }

// NOLINTEND(cppcoreguidelines-init-variables)

}  // namespace rmv::insn
