// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/exchanged_msrs.hpp"

namespace rmv {

namespace {

// What WRMSR accepts.
enum class Accepts : u8 { anything, canonical_address, low_half };

struct ExchangedMsr {
    Msr msr;
    Accepts accepts;
};

constexpr ExchangedMsr table[] = {
    {Msr::star, Accepts::anything},
    {Msr::lstar, Accepts::canonical_address},
    {Msr::cstar, Accepts::canonical_address},
    {Msr::fmask, Accepts::low_half},
    {Msr::kernel_gs_base, Accepts::canonical_address},
    {Msr::tsc_aux, Accepts::low_half},
};
static_assert(sizeof(table) / sizeof(table[0]) == exchanged_msr_count);

// IA32_TSC_AUX comes with RDTSCP; a CPU with VMX and 64-bit mode has the others.
bool exists(Msr msr) noexcept {
    constexpr u32 extended_features = 0x80000001, edx_rdtscp = 1u << 27;
    return msr != Msr::tsc_aux || (insn::cpuid(extended_features, 0).edx & edx_rdtscp) != 0;
}

bool is_accepted(Accepts accepts, u64 value) noexcept {
    switch (accepts) {
        case Accepts::anything: return true;
        case Accepts::canonical_address: return value + bit(47) < bit(48);
        case Accepts::low_half: return high32(value) == 0;
    }
    return false;
}

const ExchangedMsr* find(Msr msr) noexcept {
    for (const ExchangedMsr& entry : table)
        if (entry.msr == msr && exists(msr)) return &entry;
    return nullptr;
}

}  // namespace

bool is_exchanged(Msr msr) noexcept { return find(msr) != nullptr; }

void reset_exchanged_msrs(Cpu& cpu) noexcept {
    for (u32 i = 0; i < exchanged_msr_count; ++i) {
        if (!exists(table[i].msr)) continue;
        if (!cpu.linux_msrs_kept) cpu.linux_msrs[i] = insn::rdmsr(table[i].msr);
        insn::wrmsr(table[i].msr, 0);
    }
    cpu.linux_msrs_kept = true;
}

void give_back_exchanged_msrs(Cpu& cpu) noexcept {
    if (!cpu.linux_msrs_kept) return;
    for (u32 i = 0; i < exchanged_msr_count; ++i)
        if (exists(table[i].msr)) insn::wrmsr(table[i].msr, cpu.linux_msrs[i]);
    cpu.linux_msrs_kept = false;
}

bool write_exchanged_msr(Msr msr, u64 value) noexcept {
    const ExchangedMsr* entry = find(msr);
    if (entry == nullptr || !is_accepted(entry->accepts, value)) return false;
    insn::wrmsr(msr, value);
    return true;
}

}  // namespace rmv
