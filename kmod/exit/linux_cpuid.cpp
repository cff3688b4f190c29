// SPDX-License-Identifier: GPL-2.0-only
// CPUID and XSETBV: the two exits that Linux takes in steady state because the architecture forces
// them.
#include "exit/linux_cpuid.hpp"

#include "exit/event.hpp"
#include "exit/linux_exits.hpp"
#include "x86/control_registers.hpp"
#include "x86/insn.hpp"

namespace rmv {

namespace {

enum class MirrorRegister : u8 { ebx, ecx };

struct Mirror {
    u32 leaf;
    MirrorRegister reg;
    u32 cpuid_bit;
    Cr4 cr4_bit;
};

// Leaf 1 has no subleaves: ECX means nothing there.
constexpr u32 cpuid_features = 0x01;

constexpr Mirror mirrors[] = {
    {cpuid_features, MirrorRegister::ecx, 1u << 27, Cr4::osxsave},
    {0x07, MirrorRegister::ecx, 1u << 4, Cr4::pke},  // OSPKE
    {0x19, MirrorRegister::ebx, 1u << 0, Cr4::kl},   // AESKLE
};

void mirror_cr4(Vmcs& vmcs, const Mirror& mirror, insn::CpuidRegs& regs) noexcept {
    u32& reg = mirror.reg == MirrorRegister::ecx ? regs.ecx : regs.ebx;
    reg &= ~mirror.cpuid_bit;
    if (has(vmcs.read<Field::guest_cr4>(), mirror.cr4_bit)) reg |= mirror.cpuid_bit;
}

// What entry.S leaves to the general way (quick_cpuid.h).
static_assert([] {
    u32 leaves = 0;
    for (const Mirror& mirror : mirrors) leaves |= 1u << mirror.leaf;
    return leaves == LEAVES_OF_CR4 && leaves >> HIGHEST_LEAF_OF_CR4 == 1;
}());

}  // namespace

Action handle_cpuid(ExitContext& exit) noexcept {
    const u32 leaf = low32(exit.gprs.rax);
    const u32 subleaf = low32(exit.gprs.rcx);
    insn::CpuidRegs regs = insn::cpuid(leaf, subleaf);
    for (const Mirror& mirror : mirrors)
        if (leaf == mirror.leaf && (leaf == cpuid_features || subleaf == 0))
            mirror_cr4(exit.vmcs, mirror, regs);
    exit.gprs.rax = regs.eax;
    exit.gprs.rbx = regs.ebx;
    exit.gprs.rcx = regs.ecx;
    exit.gprs.rdx = regs.edx;
    return Action::skip;
}

// Hardware has checked CR4.OSXSAVE before the exit; the value is checked by executing it. The SDM
// has CPL checked before the exit too, but Bochs exits first: root must not do it for a program.
Action handle_xsetbv(ExitContext& exit) noexcept {
    if (privilege_level(exit.vmcs) != 0) return general_protection(exit.vmcs);
    const u64 value = join(low32(exit.gprs.rdx), low32(exit.gprs.rax));
    if (visor_safe_xsetbv(low32(exit.gprs.rcx), value)) return Action::skip;
    return general_protection(exit.vmcs);
}

}  // namespace rmv
