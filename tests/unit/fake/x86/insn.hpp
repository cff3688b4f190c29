// SPDX-License-Identifier: GPL-2.0-only
// Stands in for kmod/x86/insn.hpp in unit tests (earlier in the include path): the same names and
// signatures, on the fake CPU.
#pragma once

#include "../cpu.hpp"
#include "x86/msr.hpp"

namespace rmv::insn {

using CpuidRegs = fake::CpuidRegs;
using FxsaveImage = fake::FxsaveImage;
using TableRegister = fake::TableRegister;
static_assert(sizeof(TableRegister) == 10);

inline CpuidRegs cpuid(u32 leaf, u32 subleaf) noexcept { return fake::cpu().cpuid(leaf, subleaf); }
inline u64 rdmsr(Msr msr) noexcept { return fake::cpu().rdmsr(msr); }
inline void wrmsr(Msr msr, u64 value) noexcept { fake::cpu().wrmsr(msr, value); }
inline u64 rdtsc() noexcept { return fake::cpu().rdtsc(); }

inline u64 read_cr0() noexcept { return fake::cpu().cr0; }
inline u64 read_cr2() noexcept { return fake::cpu().cr2; }
inline u64 read_cr3() noexcept { return fake::cpu().cr3; }
inline u64 read_cr4() noexcept { return fake::cpu().cr4; }
inline void write_cr0(u64 v) noexcept { fake::cpu().cr0 = v; }
inline void write_cr2(u64 v) noexcept { fake::cpu().cr2 = v; }
inline void write_cr3(u64 v) noexcept {
    fake::cpu().cr3 = v;
    fake::cpu().cr3_writes.push_back(v);
}
inline void write_cr4(u64 v) noexcept { fake::cpu().cr4 = v; }
inline u64 read_dr7() noexcept { return fake::cpu().dr7; }
inline void write_dr7(u64 v) noexcept { fake::cpu().dr7 = v; }
inline void write_dr0(u64 v) noexcept { fake::cpu().dr[0] = v; }
inline void write_dr1(u64 v) noexcept { fake::cpu().dr[1] = v; }
inline void write_dr2(u64 v) noexcept { fake::cpu().dr[2] = v; }
inline void write_dr3(u64 v) noexcept { fake::cpu().dr[3] = v; }
inline u64 read_dr0() noexcept { return fake::cpu().dr[0]; }
inline u64 read_dr1() noexcept { return fake::cpu().dr[1]; }
inline u64 read_dr2() noexcept { return fake::cpu().dr[2]; }
inline u64 read_dr3() noexcept { return fake::cpu().dr[3]; }
inline u64 read_dr6() noexcept { return fake::cpu().dr6; }
inline void write_dr6(u64 v) noexcept { fake::cpu().dr6 = v; }
inline void fxrstor(const FxsaveImage& image) noexcept { fake::cpu().fpu = image; }
inline void fxsave(FxsaveImage& image) noexcept {
    image = fake::cpu().fpu;
    image.mxcsr_mask = 0xffff;
}
inline void xsave(FxsaveImage& image, u64 components) noexcept {
    fake::cpu().xsave(reinterpret_cast<u8*>(&image), components);
}
inline void xrstor(const FxsaveImage& image, u64 components) noexcept {
    fake::cpu().xrstor(reinterpret_cast<const u8*>(&image), components);
}
inline u64 xgetbv(u32) noexcept { return fake::cpu().xcr0; }
inline void xsetbv(u32 xcr, u64 value) noexcept { fake::cpu().xsetbv(xcr, value); }
inline u64 read_rflags() noexcept { return fake::cpu().rflags; }

inline TableRegister sgdt() noexcept { return fake::cpu().gdt; }
inline TableRegister sidt() noexcept { return fake::cpu().idt; }
inline void lgdt(const TableRegister& t) noexcept { fake::cpu().gdt = t; }
inline void lidt(const TableRegister& t) noexcept { fake::cpu().idt = t; }
inline u16 str() noexcept { return fake::cpu().tr; }
inline u16 sldt() noexcept { return fake::cpu().ldtr; }
inline void ltr(u16 s) noexcept { fake::cpu().tr = s; }
inline void lldt(u16 s) noexcept { fake::cpu().ldtr = s; }

inline u16 read_cs() noexcept { return fake::cpu().cs; }
inline u16 read_ss() noexcept { return fake::cpu().ss; }
inline u16 read_ds() noexcept { return fake::cpu().ds; }
inline u16 read_es() noexcept { return fake::cpu().es; }
inline u16 read_fs() noexcept { return fake::cpu().fs; }
inline u16 read_gs() noexcept { return fake::cpu().gs; }

inline void load_data_segments(u16 ds, u16 es, u16 fs, u16 gs) noexcept {
    fake::Cpu& cpu = fake::cpu();
    cpu.ds = ds, cpu.es = es, cpu.fs = fs, cpu.gs = gs;
}

inline bool lar(u16 selector, u32& rights) noexcept {
    const auto found = fake::cpu().descriptors.find(selector);
    if (found == fake::cpu().descriptors.end()) return false;
    rights = found->second.rights;
    return true;
}

inline u32 lsl(u16 selector) noexcept {
    const auto found = fake::cpu().descriptors.find(selector);
    return found == fake::cpu().descriptors.end() ? 0 : found->second.limit;
}

inline void wbinvd() noexcept { ++fake::cpu().wbinvds; }
inline void verw() noexcept { ++fake::cpu().verws; }
inline void pause() noexcept {
    if (fake::cpu().on_pause) fake::cpu().on_pause();
}
inline void outb(u16 port, u8 value) noexcept { fake::cpu().port_writes.push_back({port, value}); }
// The test goes on after these, so that it can look.
inline void int3() noexcept { ++fake::cpu().breakpoints; }
inline void raise_machine_check() noexcept { ++fake::cpu().raised_machine_checks; }
inline void halt_forever() noexcept { fake::cpu().halt(); }

// The local APIC's page is not memory here.
inline void mmio_write32(volatile u32* address, u32 value) noexcept {
    fake::cpu().mmio_write(reinterpret_cast<u64>(address), value);
}
inline u32 mmio_read32(const volatile u32* address) noexcept {
    return fake::cpu().mmio_read(reinterpret_cast<u64>(address));
}

}  // namespace rmv::insn
