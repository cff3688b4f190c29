// SPDX-License-Identifier: GPL-2.0-only
#include "machine.hpp"
#include "vmx/ept_vpid_cap.hpp"

namespace test {
namespace {

using rmv::bit;
using rmv::EntryControl;
using rmv::EptVpidCap;
using rmv::ExitControl;
using rmv::Pin;
using rmv::Primary;
using rmv::Secondary;

template <typename Bit>
Change with(Bit one) {
    return [=](Machine& m) { m.add(one); };
}
template <typename Bit>
Change without(Bit one) {
    return [=](Machine& m) { m.remove(one); };
}

Change all(std::vector<Change> changes) {
    return [=](Machine& m) {
        for (const Change& change : changes) change(m);
    };
}

// A page-aligned address that a control turns on: not aligned, too wide, not below 4 GiB where it
// must be.
void add_page_cases(Cases& cases, const std::string& rule, const Change& turn_on, Field field) {
    const Change valid = all({turn_on, put(field, 0x3000)});
    cases.push_back({rule, linux_guest, valid, put(field, 0x3800)});
    cases.push_back({rule, linux_guest, valid, put(field, too_wide)});
    cases.push_back({rule, linux_guest, all({turn_on, put(field, bit(32))}),
                     [](Machine& m) { m.facts.vmx_basic |= bit(48); }});
}

void add_msr_area_cases(Cases& cases, const std::string& rule, Field address, Field count) {
    const Change valid = all({put(count, 2), put(address, 0x5000)});
    cases.push_back({rule, linux_guest, valid, put(address, 0x5008)});
    cases.push_back({rule, linux_guest, valid, put(address, too_wide - 16)});
    cases.push_back({rule, linux_guest, valid, put(address, ~u64{0xf})});
    cases.push_back({rule, linux_guest, put(address, 0x5008), put(count, 1)});
}

void tpr_shadow(Machine& m) {
    m.add(Primary::tpr_shadow);
    m.set(Field::virtual_apic_address, 0x3000);
    m.set(Field::tpr_threshold, 0);
}

void interrupt_delivery(Machine& m) {
    tpr_shadow(m);
    m.add(Pin::external_interrupt_exiting);
    m.add(Secondary::virtual_interrupt_delivery);
}

void posted_interrupts(Machine& m) {
    interrupt_delivery(m);
    m.add(Pin::posted_interrupts);
    m.add(ExitControl::acknowledge_interrupt);
}

void ept_cases(Cases& cases) {
    constexpr u64 pointer = 0x12345000;
    const auto cap_add = [](EptVpidCap one) {
        return [=](Machine& m) { m.facts.ept_vpid_cap |= static_cast<u64>(one); };
    };
    const auto cap_remove = [](EptVpidCap one) {
        return [=](Machine& m) { m.facts.ept_vpid_cap &= ~static_cast<u64>(one); };
    };
    const auto eptp = [](u64 value) { return put(Field::ept_pointer, value); };
    const Cases more = {
        {"EPT pointer: the CPU supports the memory type", linux_guest, nothing,
         eptp(pointer | 0x1c)},
        {"EPT pointer: the CPU supports the memory type", linux_guest, nothing,
         eptp(pointer | 0x1f)},
        {"EPT pointer: the CPU supports the memory type", linux_guest, nothing,
         cap_remove(EptVpidCap::paging_structures_wb)},
        {"EPT pointer: the CPU supports the memory type", linux_guest, eptp(pointer | 0x18),
         cap_remove(EptVpidCap::paging_structures_uc)},
        {"the page-walk length", linux_guest, nothing, eptp(pointer | 0x16)},
        {"the page-walk length", linux_guest, nothing, cap_remove(EptVpidCap::page_walk_4)},
        {"the page-walk length", linux_guest,
         all({eptp(pointer | 0x26), cap_add(EptVpidCap::page_walk_5)}),
         cap_remove(EptVpidCap::page_walk_5)},
        {"supports accessed and dirty flags", linux_guest, nothing, eptp(pointer | 0x5e)},
        {"supports accessed and dirty flags", linux_guest,
         all({eptp(pointer | 0x5e), cap_add(EptVpidCap::accessed_dirty)}),
         cap_remove(EptVpidCap::accessed_dirty)},
        {"supervisor shadow-stack control", linux_guest, nothing, eptp(pointer | 0x9e)},
        {"supervisor shadow-stack control", linux_guest,
         all({eptp(pointer | 0x9e), cap_add(EptVpidCap::supervisor_shadow_stack)}),
         cap_remove(EptVpidCap::supervisor_shadow_stack)},
        {"EPT pointer: bits 11:8", linux_guest, nothing, eptp(pointer | 0x11e)},
        {"EPT pointer: bits 11:8", linux_guest, nothing, eptp(pointer | 0x81e)},
        {"EPT pointer: bits 11:8", linux_guest, nothing, eptp(too_wide | 0x1e)},
        {"enable PML needs", linux_guest, with(Secondary::pml), without(Secondary::ept)},
        {"unrestricted guest needs enable EPT", linux_guest, with(Secondary::unrestricted_guest),
         without(Secondary::ept)},
        {"mode-based execute control needs", linux_guest, with(Secondary::mode_based_execute),
         without(Secondary::ept)},
    };
    cases.insert(cases.end(), more.begin(), more.end());
}

}  // namespace

Cases execution_control_cases() {
    Cases cases = {
        {"pin-based controls:", linux_guest, nothing, put(Field::pin_based_controls, 0x14)},
        {"pin-based controls:", linux_guest, nothing, put(Field::pin_based_controls, 0x116)},
        {"primary processor-based controls:", linux_guest, nothing,
         [](Machine& m) { m.remove(Field::primary_processor_controls, bit(1)); }},
        {"primary processor-based controls:", linux_guest, nothing,
         [](Machine& m) { m.add(Field::primary_processor_controls, bit(0)); }},
        {"secondary processor-based controls:", linux_guest, nothing,
         [](Machine& m) { m.add(Field::secondary_processor_controls, bit(28)); }},
        // Inactive, they may hold anything.
        {"secondary processor-based controls:", linux_guest,
         all({without(Primary::secondary_controls),
              put(Field::secondary_processor_controls, bit(28))}),
         with(Primary::secondary_controls)},
        {"CR3-target count", linux_guest, put(Field::cr3_target_count, 4),
         put(Field::cr3_target_count, 5)},
        {"use TPR shadow without virtual-interrupt delivery", linux_guest, tpr_shadow,
         put(Field::tpr_threshold, 0x10)},
        {"use TPR shadow without virtual-interrupt delivery", linux_guest,
         all({interrupt_delivery, put(Field::tpr_threshold, 0x10)}),
         without(Secondary::virtual_interrupt_delivery)},
        {"virtual NMIs need NMI exiting", linux_guest, nothing, with(Pin::virtual_nmis)},
        {"virtual NMIs need NMI exiting", real_mode_guest, nothing, without(Pin::nmi_exiting)},
        {"NMI-window exiting needs", real_mode_guest, with(Primary::nmi_window_exiting),
         without(Pin::virtual_nmis)},
        {"need use TPR shadow", linux_guest, nothing, with(Secondary::virtualize_x2apic)},
        {"need use TPR shadow", linux_guest, nothing,
         with(Secondary::apic_register_virtualization)},
        {"need use TPR shadow", linux_guest, interrupt_delivery, without(Primary::tpr_shadow)},
        {"virtualize x2APIC mode and virtualize APIC accesses", linux_guest,
         all({tpr_shadow, with(Secondary::virtualize_x2apic),
              put(Field::apic_access_address, 0x4000)}),
         with(Secondary::virtualize_apic_accesses)},
        {"virtual-interrupt delivery needs external", linux_guest, interrupt_delivery,
         without(Pin::external_interrupt_exiting)},
        {"posted interrupts needs virtual", linux_guest, posted_interrupts,
         without(Secondary::virtual_interrupt_delivery)},
        {"posted interrupts needs acknowledge", linux_guest, posted_interrupts,
         without(ExitControl::acknowledge_interrupt)},
        {"VPID is not 0", linux_guest, nothing, put(Field::vpid, 0)},
    };
    add_page_cases(cases, "address of bitmap A",
                   all({with(Primary::io_bitmaps), put(Field::io_bitmap_b, 0x4000)}),
                   Field::io_bitmap_a);
    add_page_cases(cases, "address of bitmap B",
                   all({with(Primary::io_bitmaps), put(Field::io_bitmap_a, 0x4000)}),
                   Field::io_bitmap_b);
    add_page_cases(cases, "use MSR bitmaps:", nothing, Field::msr_bitmap);
    add_page_cases(cases, "the virtual-APIC address", tpr_shadow, Field::virtual_apic_address);
    add_page_cases(cases, "the APIC-access address", with(Secondary::virtualize_apic_accesses),
                   Field::apic_access_address);
    ept_cases(cases);
    return cases;
}

Cases exit_and_entry_control_cases() {
    const auto event = [](u64 info) { return put(Field::entry_interruption_info, info); };
    const auto length = [](u64 bytes) { return put(Field::entry_instruction_length, bytes); };
    const Change any_error_code = [](Machine& m) { m.facts.vmx_basic |= bit(56); };
    const Change no_any_error_code = [](Machine& m) { m.facts.vmx_basic &= ~bit(56); };
    const Change error_0 = put(Field::entry_exception_error_code, 0);
    const Change interrupts_on = [](Machine& m) { m.add(Field::guest_rflags, bit(9)); };
    Cases cases = {
        {"VM-exit controls:", linux_guest, nothing,
         [](Machine& m) { m.remove(Field::exit_controls, bit(0)); }},
        {"VM-exit controls:", linux_guest, nothing,
         [](Machine& m) { m.add(Field::exit_controls, bit(31)); }},
        {"save VMX-preemption timer", linux_guest, nothing,
         with(ExitControl::save_preemption_timer)},
        {"save VMX-preemption timer", linux_guest,
         all({with(Pin::preemption_timer), with(ExitControl::save_preemption_timer)}),
         without(Pin::preemption_timer)},
        {"VM-entry controls:", linux_guest, nothing,
         [](Machine& m) { m.remove(Field::entry_controls, bit(0)); }},
        {"VM-entry controls:", linux_guest, nothing,
         [](Machine& m) { m.add(Field::entry_controls, bit(24)); }},
        {"the type is not a reserved one", linux_guest, event(0x00000100), event(0x80000100)},
        {"the type is not a reserved one", linux_guest, event(0x80000700),
         [](Machine& m) { m.facts.primary_controls &= ~(bit(27) << 32); }},
        {"the vector fits the type", linux_guest, event(0x80000202), event(0x80000203)},
        {"the vector fits the type", linux_guest, event(0x8000031f), event(0x80000320)},
        {"the vector fits the type", linux_guest, event(0x80000700), event(0x80000701)},
        {"delivered where the exception has one", linux_guest, all({error_0, event(0x80000b0d)}),
         event(0x8000030d)},
        {"delivered where the exception has one", linux_guest,
         all({any_error_code, event(0x8000030e)}), no_any_error_code},
        {"delivered where the exception has one", real_mode_guest, event(0x80000308),
         put(Field::guest_cr0, 0x60000031)},
        {"no error code is delivered", linux_guest, all({error_0, event(0x80000306)}),
         event(0x80000b06)},
        {"no error code is delivered", linux_guest, all({error_0, interrupts_on}),
         event(0x80000820)},
        {"no error code is delivered", real_mode_guest, all({error_0, event(0x8000030d)}),
         event(0x80000b0d)},
        {"no error code is delivered", linux_guest,
         all({error_0, any_error_code, event(0x80000b15)}), no_any_error_code},
        {"bits 30:12 of the information", linux_guest, event(0x80000306), event(0x80001306)},
        {"bits 30:12 of the information", linux_guest, event(0x80000306), event(0xc0000306)},
        {"bits 31:16 of the error code", linux_guest,
         all({put(Field::entry_exception_error_code, 0x8000), event(0x80000b0d)}),
         put(Field::entry_exception_error_code, 0x10000)},
        {"the instruction length", linux_guest, all({event(0x80000403), length(15)}), length(16)},
        {"the instruction length", linux_guest, all({event(0x80000603), length(1)}), length(0)},
        {"the instruction length", linux_guest, all({event(0x80000501), length(1)}), length(0)},
        {"the instruction length", linux_guest,
         all({event(0x80000403), length(0), [](Machine& m) { m.facts.vmx_misc |= bit(30); }}),
         [](Machine& m) { m.facts.vmx_misc &= ~bit(30); }},
        {"entry to SMM is 0", linux_guest, nothing, with(EntryControl::entry_to_smm)},
        {"deactivate dual-monitor", linux_guest, nothing,
         with(EntryControl::deactivate_dual_monitor)},
    };
    add_msr_area_cases(cases, "VM-exit MSR-store area", Field::exit_msr_store_address,
                       Field::exit_msr_store_count);
    add_msr_area_cases(cases, "VM-exit MSR-load area", Field::exit_msr_load_address,
                       Field::exit_msr_load_count);
    add_msr_area_cases(cases, "VM-entry MSR-load area", Field::entry_msr_load_address,
                       Field::entry_msr_load_count);
    return cases;
}

}  // namespace test
