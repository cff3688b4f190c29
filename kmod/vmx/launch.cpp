// SPDX-License-Identifier: GPL-2.0-only
// From a CPU that runs Linux to a CPU that runs Linux as a guest (border functions in abi.h).
#include "vmx/entry.hpp"
#include "vmx/entry_check/entry_check.hpp"
#include "vmx/facts.hpp"
#include "vmx/fault_injection.hpp"
#include "vmx/globals.hpp"
#include "vmx/host_state.hpp"
#include "vmx/linux_state.hpp"
#include "vmx/trace_event.hpp"
#include "vmx/watch.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

namespace {

// What visor_launch_here() returns; entry_failed is put there by the way out of root.
enum LaunchResult : u32 { launched = 0, vmlaunch_failed = 1 };

static_assert(static_cast<u32>(Field::guest_rsp) == FIELD_GUEST_RSP);
static_assert(static_cast<u32>(Field::guest_rip) == FIELD_GUEST_RIP);
static_assert(static_cast<u32>(Field::guest_rflags) == FIELD_GUEST_RFLAGS);
static_assert(static_cast<u32>(Field::guest_cs_access_rights) == FIELD_GUEST_CS_ACCESS_RIGHTS);
static_assert(static_cast<u32>(Field::guest_interruptibility) == FIELD_GUEST_INTERRUPTIBILITY);
static_assert(static_cast<u32>(Field::exit_reason) == FIELD_EXIT_REASON);
static_assert(static_cast<u32>(Field::exit_instruction_length) == FIELD_EXIT_INSTRUCTION_LENGTH);
static_assert(static_cast<u64>(Rflags::tf) == RFLAGS_TF);

constexpr u32 cpuid_topology = 1;

// SDM: Conventions. VMfailValid stores a number in the current VMCS, VMfailInvalid none.
u64 instruction_error() noexcept {
    Vmcs vmcs;
    const u32 error = vmcs.read<Field::instruction_error>();
    return vmcs.status().ok() ? error : 0;
}

u32 read_apic_id() noexcept {
    if (globals.x2apic) return low32(insn::rdmsr(Msr::x2apic_id));
    return insn::cpuid(cpuid_topology, 0).ebx >> 24;
}

Status enter_vmx_operation(const Cpu& cpu) noexcept {
    insn::write_cr4(insn::read_cr4() | mask(Cr4::vmxe));
    if (insn::vmxon(spoiled(cpu, VISOR_INJECT_VMXON, cpu.vmxon_phys))) return success;
    insn::write_cr4(insn::read_cr4() & ~mask(Cr4::vmxe));
    return {VISOR_VMXON_FAILED, 0};
}

// VMCLEAR: a VMCS that stays active may be written to its memory later (SDM: Software Use of
// Virtual-Machine Control Structures), and that memory is freed when the load fails.
void undo_vmxon(Cpu& cpu) noexcept {
    static_cast<void>(insn::vmclear(cpu.linux_vmcs_phys));
    // CR4.VMXE can't be cleared in VMX operation, and the VMXON region stays the CPU's: see
    // rm_cpus_free().
    if (!insn::vmxoff())
        store_release(cpu.shared.state, u32{VISOR_CPU_BROKEN});
    else
        insn::write_cr4(insn::read_cr4() & ~mask(Cr4::vmxe));
}

// Translations cached under this EPTP or VPID by an earlier launch (SDM: Guidelines for Use of the
// INVVPID Instruction; ... INVEPT Instruction).
Status invalidate_caches(const Cpu& cpu) noexcept {
    constexpr auto bad_type = static_cast<insn::InveptType>(0);
    if (!insn::invept(spoiled(cpu, VISOR_INJECT_INVEPT, insn::InveptType::all_contexts, bad_type),
                      {0, 0}) ||
        !insn::invvpid(insn::InvvpidType::single_context, {u64{cpu.number} + 1, 0}))
        return {VISOR_VMCS_FAILED, instruction_error()};
    return success;
}

Status prepare_vmcs(Cpu& cpu) noexcept {
    if (!insn::vmclear(spoiled(cpu, VISOR_INJECT_VMCLEAR, cpu.linux_vmcs_phys)) ||
        !insn::vmptrld(spoiled(cpu, VISOR_INJECT_VMPTRLD, cpu.linux_vmcs_phys)))
        return {VISOR_VMCS_FAILED, instruction_error()};
    RMV_TRY(invalidate_caches(cpu));
    Vmcs vmcs;
    RMV_TRY(write_linux_controls(vmcs, cpu));
    write_host_state(vmcs, cpu);
    capture_linux_state(vmcs);
    spoil_vmcs(cpu, vmcs);
    return vmcs.status();
}

// The CPU counts as in VMX before VMLAUNCH: the first exit may come before this function goes on.
void reset_cpu(Cpu& cpu) noexcept {
    cpu.apic_id = read_apic_id();
    cpu.pending = 0;
    cpu.nmi_returns_by_iret = 0;
    cpu.vmcs_launched = 0;
    cpu.quick = 0;
    cpu.taking = false;
    cpu.has_exited = false;
    cpu.leave = {};
    cpu.linux_inits = {};
    cpu.deferred = 0;
    cpu.rm = {};
    cpu.mode = Mode::linux_guest;
    cpu.shared.fault = {};
    store_release(cpu.shared.state, u32{VISOR_CPU_LINUX});
}

// VMLAUNCH failed in the caller's own context: all that has to be undone is VMX operation.
Status vmlaunch_error(Cpu& cpu) noexcept {
    const u64 error = instruction_error();
    Vmcs vmcs;
    cpu.shared.fault.rule = find_broken_rule(globals.facts, vmcs);
    cpu.mode = Mode::off;
    store_release(cpu.shared.state, u32{VISOR_CPU_NATIVE});
    undo_vmxon(cpu);
    return {VISOR_ENTRY_FAILED, error};
}

// After an entry that failed later the CPU is native already: the way out of root came here.
Status enter(Cpu& cpu, u64 start) noexcept {
    reset_cpu(cpu);
    // Before the entry: as a guest Linux can't write the ring.
    follow_watch_natively(cpu);
    trace_event(cpu, RMVISOR_TRACE_LAUNCH, start, 0);
    const u32 result = visor_launch_here();
    if (result == launched) return success;
    if (result == vmlaunch_failed) return vmlaunch_error(cpu);
    return {VISOR_ENTRY_FAILED, cpu.shared.fault.exit_reason};
}

Status launch(Cpu& cpu, u64 start) noexcept {
    if (cpu.mode != Mode::off) return {VISOR_WRONG_STATE, static_cast<u64>(cpu.mode)};
    if (has(insn::read_cr4(), Cr4::vmxe)) return {VISOR_VMX_IN_USE, 0};
    RMV_TRY(enter_vmx_operation(cpu));
    const u64 set_up = insn::rdtsc();
    const Status prepared = prepare_vmcs(cpu);
    cpu.shared.setup_ticks = insn::rdtsc() - set_up;
    if (!prepared.ok()) {
        undo_vmxon(cpu);
        return prepared;
    }
    return enter(cpu, start);
}

}  // namespace

}  // namespace rmv

using namespace rmv;

rmv_u32 visor_launch(visor_cpu* opaque, visor_refusal* refusal) {
    Cpu& cpu = *reinterpret_cast<Cpu*>(opaque);
    const u64 start = insn::rdtsc();
    const Status status = launch(cpu, start);
    const u32 rule = status.code == VISOR_ENTRY_FAILED ? cpu.shared.fault.rule : no_broken_rule;
    *refusal = {status.code, rule, status.detail};
    if (status.ok()) cpu.shared.launch_ticks = insn::rdtsc() - start;
    return status.code;
}
