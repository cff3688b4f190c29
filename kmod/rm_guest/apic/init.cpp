// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/init.hpp"

#include "rm_guest/control_registers.hpp"
#include "rm_guest/debug_registers.hpp"
#include "rm_guest/reset_state.hpp"
#include "rm_guest/translations.hpp"

namespace rmv::apic {

namespace {

// The controls of open windows are in the VMCS: who writes them next has to know.
void forget_events(RmGuest& rm) noexcept {
    rm.events.nmis = 0;
    rm.events.has_interrupt = false;
    rm.events.may_block_nmis = false;
    rm.pending_io = {};
    rm.pdptes = {};
}

// EDX: what CPUID tells this guest of its family, model and stepping.
u32 signature(const visor_cpuid_table& table) noexcept {
    constexpr u32 leaf_features = 1;
    for (u32 i = 0; i < table.count; ++i)
        if (table.entries[i].leaf == leaf_features) return table.entries[i].eax;
    return reset_signature();
}

}  // namespace

void initialize(ExitContext& context) noexcept {
    Cpu& cpu = context.cpu;
    Vmcs& vmcs = context.vmcs;
    const u64 kept = read_guest_cr0(vmcs) & mask(Cr0::cd, Cr0::nw);
    write_init_state(cpu.rm, vmcs, kept | mask(Cr0::et));
    reset_debug_addresses();
    insn::write_cr2(0);
    context.gprs = {};
    context.gprs.rdx = signature(cpu.rm_cpuid);
    cpu.rm.cr2 = cpu.rm.cr8 = 0;
    forget_events(cpu.rm);
    init(cpu.rm.apic.local);
    static_cast<void>(flush_linear(cpu));
}

void start_at(Vmcs& vmcs, u8 page) noexcept {
    vmcs.write<Field::guest_cs_selector>(static_cast<u16>(page << 8));
    vmcs.write<Field::guest_cs_base>(u64{page} << 12);
    vmcs.write<Field::guest_rip>(u64{0});
}

}  // namespace rmv::apic
