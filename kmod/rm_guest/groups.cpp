// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/groups.hpp"

#include "rm_guest/apic/lapic_group.hpp"
#include "rm_guest/apic/vmcs.hpp"
#include "rm_guest/cpuid.hpp"
#include "rm_guest/debug_registers.hpp"
#include "rm_guest/events_group.hpp"
#include "rm_guest/fpu.hpp"
#include "rm_guest/guest_debug.hpp"
#include "rm_guest/msr_access.hpp"
#include "rm_guest/state.hpp"
#include "vmx/globals.hpp"

namespace rmv {

namespace {

constexpr Status unsupported(u32 group) noexcept { return {VISOR_UNSUPPORTED, group}; }

}  // namespace

Status get_group(Cpu& cpu, u32 group, visor_group_data& data) noexcept {
    if (!cpu.rm.configured) return {VISOR_WRONG_STATE};
    if (group >= VISOR_GROUP_COUNT) return unsupported(group);
    switch (static_cast<visor_group>(group)) {
        case VISOR_GROUP_REGS: return get_state(cpu, data.regs);
        case VISOR_GROUP_FPU: return get_fpu(data.fpu);
        case VISOR_GROUP_DEBUG: return get_debug_registers(data.debug);
        case VISOR_GROUP_MSRS: return get_msrs(cpu, data.msrs);
        case VISOR_GROUP_CPUID: return get_cpuid_table(cpu, data.cpuid);
        case VISOR_GROUP_EVENTS: return get_events(cpu, data.events);
        case VISOR_GROUP_GUEST_DEBUG: return get_guest_debug(cpu, data.guest_debug);
        case VISOR_GROUP_LAPIC: return apic::get_lapic(cpu, data.lapic);
        case VISOR_GROUP_COUNT: break;
    }
    return unsupported(group);
}

Status set_group(Cpu& cpu, u32 group, visor_group_data& data) noexcept {
    if (!cpu.rm.configured) return {VISOR_WRONG_STATE};
    if (group >= VISOR_GROUP_COUNT) return unsupported(group);
    switch (static_cast<visor_group>(group)) {
        case VISOR_GROUP_REGS: return set_state(cpu, data.regs);
        case VISOR_GROUP_FPU: return set_fpu(data.fpu);
        case VISOR_GROUP_DEBUG: return set_debug_registers(data.debug);
        case VISOR_GROUP_MSRS: return set_msrs(cpu, data.msrs);
        case VISOR_GROUP_CPUID: return set_cpuid_table(cpu, data.cpuid);
        case VISOR_GROUP_EVENTS: return set_events(cpu, data.events);
        case VISOR_GROUP_GUEST_DEBUG: return set_guest_debug(cpu, data.guest_debug);
        case VISOR_GROUP_LAPIC: return apic::set_lapic(cpu, data.lapic);
        case VISOR_GROUP_COUNT: break;
    }
    return unsupported(group);
}

}  // namespace rmv

// With the switches above: what is not here is answered VISOR_UNSUPPORTED there.
rmv_u32 visor_has_group(rmv_u32 group) {
    if (group == VISOR_GROUP_LAPIC) return rmv::apic::has_xapic(rmv::globals.facts);
    return group < VISOR_GROUP_COUNT;
}
