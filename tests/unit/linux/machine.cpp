// SPDX-License-Identifier: GPL-2.0-only
#include "linux/machine.hpp"

#include "visor/image.hpp"

namespace rmv {

Machine::Machine() {
    fake::reset_vmx();
    fake::reset_entry_calls();
    globals = {};
    fake::provide(facts);
    fake::Cpu& machine = fake::cpu();
    machine.tr = 0x40;
    machine.gdt = {sizeof(gdt) - 1, reinterpret_cast<u64>(gdt)};
    gdt[0x40 / 8] = 0x0000'8b00'1000'0067;  // a busy TSS at FFFFFE00'00001000h
    gdt[0x40 / 8 + 1] = 0xfffffe00;
    machine.descriptors = {
        {0x10, {0xaf9b00, 0xffffffff}}, {0x18, {0xcf9300, 0xffffffff}}, {0x40, {0x8b00, 0x206f}}};
    for (const Msr msr :
         {Msr::debugctl, Msr::sysenter_cs, Msr::sysenter_esp, Msr::sysenter_eip, Msr::fs_base,
          Msr::gs_base, Msr::x2apic_icr, Msr::x2apic_eoi, Msr::smm_monitor_ctl})
        machine.set(msr, 0);
    machine.set(Msr::x2apic_id, apic_id);
    machine.set(Msr::gs_base, 0xffff8880'00100000);
    machine.cr3 = 0x1000;
    const auto range = [](const void* begin, u64 bytes, u64 phys) {
        fake::add_virtual_range(reinterpret_cast<u64>(begin), phys, bytes);
    };
    range(&cpu, sizeof(cpu), cpu_phys);
    range(ring.get(), sizeof(Aligned), trace_phys);
    range(visor_text_start, static_cast<u64>(visor_data_end - visor_text_start), image_phys);
}

void Machine::TearDown() {
    visor_destroy();
    fake::Fixture::TearDown();
}

u32 Machine::set_up() { return visor_setup(&setup_args, &facts); }

u32 Machine::set_up_cpu() {
    const visor_cpu_args args{.cpu = cpu_number,
                              .trace_records = trace_records,
                              .trace_virt = reinterpret_cast<u64>(ring.get()),
                              .gdt_virt = reinterpret_cast<u64>(gdt)};
    return visor_cpu_setup(opaque(), &args);
}

u32 Machine::launch() { return visor_launch(opaque(), &refusal); }

void Machine::run_linux() {
    if (globals.root_cr3 == 0) {
        ASSERT_EQ(set_up(), VISOR_OK);
        ASSERT_EQ(set_up_cpu(), VISOR_OK);
    }
    ASSERT_EQ(visor_protect(), VISOR_OK);
    fake::entry_calls().launch = [] { return fake::vmx().enter(false) ? 0 : 1; };
    ASSERT_EQ(launch(), VISOR_OK);
    // What entry.S and Linux have written by the first exit.
    set_field(Field::guest_rip, globals.text_begin + 0x10);
    set_field(Field::guest_rsp, 0xffffc900'00001000);
    set_field(Field::exit_instruction_length, 3);
}

void Machine::clear_exit_information() {
    for (const Field field : {Field::idt_vectoring_info, Field::exit_interruption_info,
                              Field::exit_interruption_error_code, Field::exit_qualification,
                              Field::guest_physical_address, Field::guest_linear_address,
                              Field::exit_instruction_info, Field::instruction_error})
        set_field(field, 0);
}

Next Machine::raw_exit(u32 reason) {
    set_field(Field::exit_reason, reason);
    if (!fake::vmx().is_written(Field::idt_vectoring_info)) clear_exit_information();
    return visor_handle_exit(&gprs, &cpu);
}

Next Machine::exit(ExitReason reason, u64 qualification) {
    clear_exit_information();
    set_field(Field::exit_qualification, qualification);
    return raw_exit(static_cast<u32>(reason));
}

bool Machine::stands_still(const std::function<void()>& code) {
    fake::cpu().on_halt = [this] { std::longjmp(halted_, 1); };
    if (setjmp(halted_) == 0) {
        code();
        return false;
    }
    return true;
}

std::vector<u64> Machine::icr_writes() const {
    std::vector<u64> found;
    for (const fake::MsrWrite& write : fake::cpu().msr_writes)
        if (write.msr == Msr::x2apic_icr) found.push_back(write.value);
    return found;
}

}  // namespace rmv
