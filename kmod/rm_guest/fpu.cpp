// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/fpu.hpp"

#include "vmx/globals.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

namespace {

using insn::FxsaveImage;

// SDM: XSAVE Area. The legacy region is a FXSAVE image.
struct XsaveHeader {
    u64 xstate_bv;
    u64 xcomp_bv;
    u64 reserved[6];
};

struct XsaveArea {
    FxsaveImage legacy;
    XsaveHeader header;
};
static_assert(sizeof(XsaveArea) == 576);

// Every component in its initial state: no bit of XSTATE_BV.
alignas(64) constexpr XsaveArea all_initial = [] {
    XsaveArea area{};
    area.legacy.mxcsr = 0x1f80;
    return area;
}();

constexpr FxsaveImage fpu_reset = [] {
    FxsaveImage image{};
    image.fcw = 0x40;
    image.ftw = 0xff;  // abridged: ST0 to ST7 hold +0.0 and are not empty
    image.mxcsr = 0x1f80;
    return image;
}();

// As FNINIT and a fresh MXCSR leave it.
constexpr FxsaveImage fpu_initial = [] {
    FxsaveImage image{};
    image.fcw = 0x37f;
    image.mxcsr = 0x1f80;
    return image;
}();

// MXCSR bits that may be set (SDM: Guidelines for Writing to the MXCSR Register).
u32 settable_mxcsr() noexcept {
    constexpr u32 mask_of_old_cpus = 0xffbf;
    FxsaveImage image{};
    insn::fxsave(image);
    return image.mxcsr_mask != 0 ? image.mxcsr_mask : mask_of_old_cpus;
}

bool is_zero(const XsaveHeader& header) noexcept {
    u64 sum = header.xcomp_bv;
    for (const u64 word : header.reserved) sum |= word;
    return sum == 0;
}

bool is_valid_image(const visor_fpu_state& state) noexcept {
    const auto& area = *reinterpret_cast<const XsaveArea*>(state.area);
    if ((area.legacy.mxcsr & ~settable_mxcsr()) != 0) return false;
    if (!globals.has_xsave) return true;
    return (area.header.xstate_bv & ~globals.guest_xcr0) == 0 && is_zero(area.header);
}

void clear_all(u64 linux_xcr0) noexcept {
    if (globals.has_xsave) {
        insn::xsetbv(0, linux_xcr0);
        insn::xrstor(all_initial.legacy, ~u64{0});
    }
}

}  // namespace

bool is_valid_xcr0(u64 value) noexcept {
    constexpr u64 avx512 = mask(Xcr0::opmask, Xcr0::zmm_hi256, Xcr0::hi16_zmm);
    if (!has(value, Xcr0::x87) || (value & ~globals.guest_xcr0) != 0) return false;
    if (has(value, Xcr0::avx) && !has(value, Xcr0::sse)) return false;
    return (value & avx512) == 0 || ((value & avx512) == avx512 && has(value, Xcr0::avx));
}

u64 read_guest_xcr0() noexcept { return globals.has_xsave ? insn::xgetbv(0) : mask(Xcr0::x87); }

void write_guest_xcr0(u64 value) noexcept {
    if (globals.has_xsave) insn::xsetbv(0, value);
}

Status get_fpu(visor_fpu_state& state) noexcept {
    state = {};
    state.xcr0 = read_guest_xcr0();
    auto& image = *reinterpret_cast<FxsaveImage*>(state.area);
    if (!globals.has_xsave) {
        insn::fxsave(image);
        return success;
    }
    // Only what XCR0 enables can be saved and loaded.
    insn::xsetbv(0, globals.guest_xcr0);
    insn::xsave(image, globals.guest_xcr0);
    insn::xsetbv(0, state.xcr0);
    return success;
}

Status set_fpu(const visor_fpu_state& state) noexcept {
    const u64 xcr0 = state.xcr0;
    if (globals.has_xsave ? !is_valid_xcr0(xcr0) : xcr0 != mask(Xcr0::x87))
        return {VISOR_BAD_ARGUMENT};
    if (!is_valid_image(state)) return {VISOR_BAD_ARGUMENT};
    const auto& image = *reinterpret_cast<const FxsaveImage*>(state.area);
    if (!globals.has_xsave) {
        insn::fxrstor(image);
        return success;
    }
    insn::xsetbv(0, globals.guest_xcr0);
    insn::xrstor(image, globals.guest_xcr0);
    insn::xsetbv(0, xcr0);
    return success;
}

void remember_linux_xcr0(Cpu& cpu) noexcept {
    cpu.linux_xcr0 = globals.has_xsave ? insn::xgetbv(0) : 0;
}

void reset_fpu(const Cpu& cpu) noexcept {
    clear_all(cpu.linux_xcr0);
    insn::fxrstor(fpu_reset);
    write_guest_xcr0(mask(Xcr0::x87));
}

void give_back_fpu(const Cpu& cpu) noexcept {
    clear_all(cpu.linux_xcr0);
    insn::fxrstor(fpu_initial);
}

}  // namespace rmv
