// SPDX-License-Identifier: GPL-2.0-only
// A CPU for unit tests: what x86/insn.hpp reads and writes. Strict: an MSR or CPUID leaf that the
// test did not provide is a test failure, where hardware would raise #GP or answer nonsense.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "x86/msr.hpp"

namespace fake {

using rmv::Msr;
using rmv::u16;
using rmv::u32;
using rmv::u64;
using rmv::u8;

struct CpuidRegs {
    u32 eax, ebx, ecx, edx;
};

struct [[gnu::packed]] TableRegister {
    u16 limit;
    u64 base;
};

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

// What the LAR and LSL instructions find behind a selector.
struct Descriptor {
    u32 rights;
    u32 limit;
};

struct MsrWrite {
    Msr msr;
    u64 value;
    bool operator==(const MsrWrite&) const = default;
};

struct PortWrite {
    u16 port;
    rmv::u8 value;
    bool operator==(const PortWrite&) const = default;
};

class Cpu {
public:
    // A 4-core Haswell desktop part under Linux, in the pieces that tests need: 39 address bits,
    // MTRRs with fixed ranges enabled and a write-back default.
    static Cpu haswell();

    CpuidRegs cpuid(u32 leaf, u32 subleaf);
    u64 rdmsr(Msr msr);
    void wrmsr(Msr msr, u64 value);
    // What the manual has fault is a test failure.
    void xsetbv(u32 xcr, u64 value);
    void xsave(u8* area, u64 components);
    void xrstor(const u8* area, u64 components);
    // Registers of devices; ICR.delivery-status shows for a while after a write.
    void mmio_write(u64 address, u32 value);
    u32 mmio_read(u64 address);
    // The code under test stops here for ever: goes to on_halt, which does not come back.
    void halt();
    u64 rdtsc() { return tsc += 100; }

    void set(Msr msr, u64 value) { msrs[static_cast<u32>(msr)] = value; }
    void set(u32 msr, u64 value) { msrs[msr] = value; }

    std::map<u32, u64> msrs;
    std::map<std::pair<u32, u32>, CpuidRegs> leaves;
    std::map<u16, Descriptor> descriptors;
    std::vector<MsrWrite> msr_writes;              // in order
    std::vector<PortWrite> port_writes;            // in order
    std::vector<std::pair<u64, u32>> mmio_writes;  // in order
    unsigned busy_reads = 0;                       // that still find the ICR busy

    u64 cr0 = 0x80050033, cr2 = 0, cr3 = 0x1000, cr4 = 0x3706f0, dr7 = 0x400;
    std::vector<u64> cr3_writes;
    u64 dr[4] = {1, 2, 3, 4}, dr6 = 0xffff0ff1;
    FxsaveImage fpu{};
    u64 xcr0 = 7, components_in_use = 7;
    u64 xcr0_settable = 7;   // x87, SSE, AVX; bit 9: PKRU
    u8 upper_halves[256]{};  // of YMM0 to YMM15, at offset 576 of the image
    u32 pkru = 0;            // at offset 832
    u64 rflags = 0x202;
    u64 tsc = 1'000'000;
    TableRegister gdt{0x7f, 0xfffffe0000001000}, idt{0xfff, 0xfffffe0000000000};
    u16 cs = 0x10, ss = 0x18, ds = 0, es = 0, fs = 0, gs = 0, tr = 0x40, ldtr = 0;
    unsigned wbinvds = 0;
    unsigned verws = 0;
    unsigned halts = 0;
    unsigned breakpoints = 0;
    unsigned raised_machine_checks = 0;
    // Called by PAUSE: what happens while the code under test waits.
    std::function<void()> on_pause;
    std::function<void()> on_halt;
};

// The CPU that the code under test runs on. fake::Fixture makes a new one for each test.
Cpu& cpu();
void reset_cpu();

}  // namespace fake
