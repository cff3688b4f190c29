// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/guest.hpp"

#include "vmx/controls.hpp"

namespace rmv {

Guest::Guest() {
    fake::reset_vmx();
    fake::reset_entry_calls();
    fake::cpu().leaves[{0x80000001, 0}] = {0, 0, 0x21, 0x2c100800};
    fake::cpu().set(Msr::x2apic_icr, 0);
    for (const Msr msr :
         {Msr::star, Msr::lstar, Msr::cstar, Msr::fmask, Msr::kernel_gs_base, Msr::tsc_aux})
        fake::cpu().set(msr, linux_msr_value + static_cast<u32>(msr));
    fake::cpu().set(Msr::x2apic_eoi, 0);
    globals = {};
    globals.facts = haswell_facts();
    globals.rm_msr_bitmap_phys = 0x20000;
    globals.x2apic = true;
    globals.has_xsave = true;
    globals.guest_xcr0 = 7;

    cpu.self = &cpu;
    cpu.linux_xcr0 = 7;
    cpu.number = test_cpu_number;
    cpu.vmxon_phys = vmxon_phys;
    cpu.linux_vmcs_phys = linux_vmcs_phys;
    cpu.rm_vmcs_phys = rm_vmcs_phys;
    cpu.mode = Mode::parked;
    cpu.vmcs_launched = 1;
    cpu.nmi_returns_by_iret = 1;
    cpu.shared.state = VISOR_CPU_PARKED;
    cpu.shared.ept_pointer = test_ept_pointer;
    cpu.shared.vm = 7;
    cpu.shared.vcpu_id = 1;
    cpu.shared.bootstrap = 1;

    fake::Vmx& vmx = fake::vmx();
    EXPECT_TRUE(vmx.vmxon(vmxon_phys) && vmx.vmclear(linux_vmcs_phys) &&
                vmx.vmptrld(linux_vmcs_phys) && vmx.enter(false));
    vmx.set(Field::pin_based_controls,
            mask(Pin::nmi_exiting, Pin::virtual_nmis) | globals.facts.pin_controls);
}

std::optional<Next> Guest::command(visor_command command) {
    cpu.shared.command = command;
    const auto next = serve_command(cpu, gprs);
    EXPECT_EQ(cpu.shared.command, VISOR_COMMAND_NONE) << "not answered";
    return next;
}

void Guest::reset() {
    EXPECT_FALSE(command(VISOR_COMMAND_RESET).has_value());
    ASSERT_EQ(status(), VISOR_OK);
    fake::cpu().msr_writes.clear();
}

void Guest::run() {
    ASSERT_EQ(command(VISOR_COMMAND_RUN), Next::enter);
    ASSERT_EQ(status(), VISOR_OK);
    ASSERT_TRUE(fake::vmx().enter(cpu.vmcs_launched != 0)) << field(Field::instruction_error);
}

void Guest::exit_is(ExitReason reason, u64 qualification, u32 instruction_length) {
    set_field(Field::exit_reason, static_cast<u32>(reason));
    set_field(Field::exit_qualification, qualification);
    set_field(Field::exit_instruction_length, instruction_length);
    set_field(Field::exit_interruption_info, 0);
    set_field(Field::idt_vectoring_info, 0);
    set_field(Field::guest_physical_address, 0);
    set_field(Field::guest_linear_address, 0);
}

Next Guest::exit(u32 raw_reason) {
    stops = 0;
    fake::cpu().on_pause = [this] {
        ++stops;
        stop = cpu.shared.stop;
        parked_state = static_cast<visor_cpu_state>(cpu.shared.state);
        if (while_parked) while_parked();
        cpu.shared.kick = 0;
        cpu.shared.command = VISOR_COMMAND_RUN;
    };
    ExitContext context{cpu, gprs};
    const Next next = handle_rm_exit(context, raw_reason);
    fake::cpu().on_pause = nullptr;
    EXPECT_LE(stops, 1u);
    return next;
}

Next Guest::exit(ExitReason reason, u64 qualification, u32 instruction_length) {
    exit_is(reason, qualification, instruction_length);
    return exit(static_cast<u32>(reason));
}

std::optional<InterruptionInfo> Guest::injected() const {
    return decode_interruption(static_cast<u32>(field(Field::entry_interruption_info)));
}

void Guest::protected_mode(u64 more_cr0) {
    const u64 cr0 = mask(Cr0::pe, Cr0::et) | more_cr0;
    set_field(Field::guest_cr0, cr0 | mask(Cr0::ne));
    set_field(Field::cr0_read_shadow, cr0);
}

}  // namespace rmv
