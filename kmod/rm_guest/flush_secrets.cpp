// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/flush_secrets.hpp"

#include "x86/insn.hpp"

namespace rmv {

namespace {

// CPUID.(7,0):EDX (SDM: CPUID, Structured Extended Feature Flags).
enum class Flags7 : u64 {
    md_clear = bit(10),
    ibrs_ibpb = bit(26),
    l1d_flush = bit(28),
    arch_capabilities = bit(29),
};

// IA32_ARCH_CAPABILITIES.
enum class ArchCapability : u64 { rdcl_no = bit(0), skip_l1d_flush_on_entry = bit(3) };

u64 feature_flags() noexcept {
    constexpr u32 leaf = 7;
    return insn::cpuid(0, 0).eax < leaf ? 0 : insn::cpuid(leaf, 0).edx;
}

bool needs_l1d_flush(u64 flags) noexcept {
    if (!has(flags, Flags7::l1d_flush)) return false;
    const u64 capabilities =
        has(flags, Flags7::arch_capabilities) ? insn::rdmsr(Msr::arch_capabilities) : 0;
    return !has(capabilities, ArchCapability::rdcl_no) &&
           !has(capabilities, ArchCapability::skip_l1d_flush_on_entry);
}

}  // namespace

// VERW clears buffers on a CPU that says MD_CLEAR, and costs little where it would not have to.
void flush_secrets() noexcept {
    constexpr u64 ibpb = bit(0), l1d_flush = bit(0);
    const u64 flags = feature_flags();
    if (has(flags, Flags7::ibrs_ibpb)) insn::wrmsr(Msr::pred_cmd, ibpb);
    if (needs_l1d_flush(flags)) insn::wrmsr(Msr::flush_cmd, l1d_flush);
    if (has(flags, Flags7::md_clear)) insn::verw();
}

}  // namespace rmv
