// SPDX-License-Identifier: GPL-2.0-only
#include "cpu.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fake {
namespace {

Cpu the_cpu = Cpu::haswell();

}  // namespace

Cpu& cpu() { return the_cpu; }
void reset_cpu() { the_cpu = Cpu::haswell(); }

CpuidRegs Cpu::cpuid(u32 leaf, u32 subleaf) {
    const auto found = leaves.find({leaf, subleaf});
    if (found != leaves.end()) return found->second;
    ADD_FAILURE() << std::hex << "CPUID leaf " << leaf << ", subleaf " << subleaf
                  << " is not in this CPU's profile";
    return {};
}

u64 Cpu::rdmsr(Msr msr) {
    const auto found = msrs.find(static_cast<u32>(msr));
    if (found != msrs.end()) return found->second;
    ADD_FAILURE() << std::hex << "#GP: RDMSR of " << static_cast<u32>(msr);
    return 0;
}

void Cpu::wrmsr(Msr msr, u64 value) {
    const auto found = msrs.find(static_cast<u32>(msr));
    if (found == msrs.end()) {
        ADD_FAILURE() << std::hex << "#GP: WRMSR of " << static_cast<u32>(msr) << " with " << value;
        return;
    }
    found->second = value;
    msr_writes.push_back({msr, value});
}

void Cpu::mmio_write(u64 address, u32 value) { mmio_writes.push_back({address, value}); }

u32 Cpu::mmio_read(u64) {
    constexpr u32 delivery_pending = 1u << 12;
    if (busy_reads == 0) return 0;
    --busy_reads;
    return delivery_pending;
}

void Cpu::halt() {
    ++halts;
    if (on_halt) return on_halt();
    std::fprintf(stderr, "the CPU stands still, and the test does not expect it\n");
    std::abort();
}

void Cpu::xsetbv(u32 xcr, u64 value) {
    if (xcr != 0 || (value & 1) == 0 || (value & ~xcr0_settable) != 0 || (value & 6) == 4)
        ADD_FAILURE() << std::hex << "#GP: XSETBV of " << xcr << " with " << value;
    xcr0 = value;
}

// SDM: PKRU State. Where CPUID leaf Dh has the component: behind that of AVX.
static constexpr u64 xcr0_pkru = 1u << 9;
static constexpr unsigned pkru_offset = 832;

void Cpu::xsave(u8* area, u64 components) {
    const u64 saved = components & xcr0;
    if ((saved & 3) != 0) std::memcpy(area, &fpu, sizeof(fpu));
    u64 in_use = 0;
    std::memcpy(&in_use, area + 512, sizeof(in_use));
    in_use = (in_use & ~saved) | (components_in_use & saved);
    std::memcpy(area + 512, &in_use, sizeof(in_use));
    if ((saved & 4) != 0) std::memcpy(area + 576, upper_halves, sizeof(upper_halves));
    if ((saved & xcr0_pkru) != 0) std::memcpy(area + pkru_offset, &pkru, sizeof(pkru));
}

void Cpu::xrstor(const u8* area, u64 components) {
    u64 header[8];
    std::memcpy(header, area + 512, sizeof(header));
    for (int i = 1; i < 8; ++i)
        if (header[i] != 0) ADD_FAILURE() << "#GP: XRSTOR with reserved bits";
    if ((header[0] & ~xcr0) != 0) ADD_FAILURE() << "#GP: XRSTOR of what XCR0 does not enable";
    const u64 loaded = components & xcr0;
    FxsaveImage image;
    std::memcpy(&image, area, sizeof(image));
    if ((image.mxcsr & 0xffff0000) != 0) ADD_FAILURE() << "#GP: XRSTOR of reserved MXCSR bits";
    if ((loaded & 3) != 0) fpu = (header[0] & 3) != 0 ? image : FxsaveImage{.fcw = 0x37f};
    fpu.mxcsr = image.mxcsr;
    if ((loaded & 4) != 0) {
        if ((header[0] & 4) != 0)
            std::memcpy(upper_halves, area + 576, sizeof(upper_halves));
        else
            std::memset(upper_halves, 0, sizeof(upper_halves));
    }
    if ((loaded & xcr0_pkru) != 0) {
        pkru = 0;
        if ((header[0] & xcr0_pkru) != 0) std::memcpy(&pkru, area + pkru_offset, sizeof(pkru));
    }
    components_in_use = (components_in_use & ~loaded) | (header[0] & loaded);
}

Cpu Cpu::haswell() {
    Cpu cpu;
    cpu.leaves[{0, 0}] = {0xd, 0x756e6547, 0x6c65746e, 0x49656e69};
    cpu.leaves[{1, 0}] = {0x306c3, 0x100800, 0x7ffafbff, 0xbfebfbff};
    cpu.leaves[{0xd, 0}] = {7, 0x340, 0x340, 0};
    cpu.leaves[{0xd, 2}] = {0x100, 0x240, 0, 0};
    cpu.leaves[{7, 0}] = {0, 0x27ab, 0, 0};
    cpu.leaves[{0x80000000, 0}] = {0x80000008, 0, 0, 0};
    cpu.leaves[{0x80000008, 0}] = {0x3027, 0, 0, 0};

    const u32 last_physmask = static_cast<u32>(Msr::mtrr_physbase0) + 2 * 10 - 1;
    for (u32 msr = static_cast<u32>(Msr::mtrr_physbase0); msr <= last_physmask; ++msr)
        cpu.set(msr, 0);
    cpu.set(Msr::mtrr_cap, 0x50a);  // 10 variable ranges, fixed ranges, write-combining
    cpu.set(Msr::mtrr_def_type, 0xc06);
    constexpr u64 write_back = 0x0606060606060606;
    cpu.set(Msr::mtrr_fix64k_00000, write_back);
    cpu.set(Msr::mtrr_fix16k_80000, write_back);
    cpu.set(Msr::mtrr_fix16k_a0000, 0);
    for (u32 i = 0; i < 8; ++i)
        cpu.set(static_cast<u32>(Msr::mtrr_fix4k_c0000) + i, 0x0505050505050505);
    cpu.set(Msr::pat, 0x0007040600070406);
    cpu.set(Msr::efer, 0xd01);
    cpu.set(Msr::apic_base, 0xfee00900);
    return cpu;
}

}  // namespace fake
