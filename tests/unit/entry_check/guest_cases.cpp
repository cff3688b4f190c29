// SPDX-License-Identifier: GPL-2.0-only
#include "machine.hpp"

namespace test {
namespace {

using rmv::bit;
using rmv::EntryControl;
using rmv::Secondary;

constexpr u64 rflags_tf = bit(8), rflags_if = bit(9);
constexpr u64 sti = 1, mov_ss = 2, smi = 4, nmi = 8, enclave = 0x10;
constexpr u64 hlt = 1, shutdown = 2, wait_for_sipi = 3;
constexpr u64 external_interrupt = 0x80000020, inject_nmi = 0x80000202;
constexpr u64 single_step = bit(14), enabled_breakpoint = bit(12), rtm = bit(16);

struct FieldValue {
    Field field;
    u64 value;
};

Change puts(std::vector<FieldValue> values) {
    return [=](Machine& m) {
        for (const FieldValue& one : values) m.set(one.field, one.value);
    };
}

Change event(u64 info) { return put(Field::entry_interruption_info, info); }

Cases canonical_cases() {
    const struct {
        const char* rule;
        Field field;
    } fields[] = {
        {"guest IA32_SYSENTER_ESP", Field::guest_sysenter_esp},
        {"guest IA32_SYSENTER_EIP", Field::guest_sysenter_eip},
        {"guest GDTR base", Field::guest_gdtr_base},
        {"guest IDTR base", Field::guest_idtr_base},
    };
    Cases cases;
    for (const auto& one : fields)
        cases.push_back(
            {one.rule, linux_guest, put(one.field, bit(47) - 1), put(one.field, bit(47))});
    return cases;
}

}  // namespace

Cases guest_register_cases() {
    Cases cases = {
        {"guest CR0: bits that VMX fixes", linux_guest, nothing, put(Field::guest_cr0, 0x80050013)},
        {"guest CR0: bits that VMX fixes", real_mode_guest, nothing,
         put(Field::guest_cr0, 0x60000010)},
        {"guest CR0: bits that VMX fixes", linux_guest, nothing,
         put(Field::guest_cr0, 0x180050033)},
        {"guest CR0: bits that VMX fixes", real_mode_guest,
         [](Machine& m) { m.set(Field::guest_cr0, 0x31); },
         [](Machine& m) {
             m.remove(Secondary::unrestricted_guest);
             m.set(Field::guest_cs_access_rights, 0x9b);
         }},
        {"guest CR0.PG needs", real_mode_guest, nothing, put(Field::guest_cr0, 0xe0000030)},
        {"guest CR4: bits that VMX fixes", linux_guest, nothing,
         [](Machine& m) { m.remove(Field::guest_cr4, bit(13)); }},
        {"guest CR4: bits that VMX fixes", linux_guest, nothing,
         [](Machine& m) { m.add(Field::guest_cr4, bit(22)); }},
        {"guest CR4.CET", linux_guest, [](Machine& m) { m.add(Field::guest_cr4, bit(23)); },
         [](Machine& m) { m.remove(Field::guest_cr0, bit(16)); }},
        {"guest IA32_DEBUGCTL:", linux_guest, put(Field::guest_debugctl, 0xffc7),
         put(Field::guest_debugctl, 0x20)},
        {"guest IA32_DEBUGCTL:", linux_guest, nothing, put(Field::guest_debugctl, bit(16))},
        {"guest IA32_DEBUGCTL:", linux_guest,
         [](Machine& m) {
             m.remove(EntryControl::load_debug_controls);
             m.set(Field::guest_debugctl, bit(3));
         },
         [](Machine& m) { m.add(EntryControl::load_debug_controls); }},
        {"guest CR0.PG is 1 in an IA-32e mode guest", linux_guest,
         [](Machine& m) { m.add(Secondary::unrestricted_guest); },
         [](Machine& m) { m.remove(Field::guest_cr0, bit(31)); }},
        {"guest CR4.PAE is 1 in an IA-32e mode guest", linux_guest, nothing,
         [](Machine& m) { m.remove(Field::guest_cr4, bit(5)); }},
        {"guest CR4.PCIDE", real_mode_guest, nothing,
         [](Machine& m) { m.add(Field::guest_cr4, bit(17)); }},
        {"guest CR3:", linux_guest, nothing, put(Field::guest_cr3, too_wide)},
        {"guest CR3:", real_mode_guest, nothing, put(Field::guest_cr3, bit(63))},
        {"guest CR3:", linux_guest,
         [](Machine& m) {
             m.facts.cr4_fixed1 |= bit(28);
             m.set(Field::guest_cr3, bit(61) | 0x1000);
         },
         [](Machine& m) { m.facts.cr4_fixed1 &= ~bit(28); }},
        {"guest DR7:", linux_guest, nothing, put(Field::guest_dr7, bit(32) | 0x400)},
        {"guest IA32_PAT:", linux_guest, nothing, put(Field::guest_pat, 3)},
        {"guest IA32_PAT:", linux_guest,
         [](Machine& m) {
             m.remove(EntryControl::load_pat);
             m.set(Field::guest_pat, 2);
         },
         [](Machine& m) { m.add(EntryControl::load_pat); }},
        {"guest IA32_EFER: reserved", linux_guest, nothing, put(Field::guest_efer, 0xd03)},
        {"guest IA32_EFER.LMA equals IA-32e", real_mode_guest, nothing,
         put(Field::guest_efer, 0x400)},
        {"guest IA32_EFER.LMA equals LME", linux_guest, nothing, put(Field::guest_efer, 0xc01)},
        {"guest IA32_EFER.LMA equals LME", real_mode_guest, put(Field::guest_efer, 0x100),
         put(Field::guest_cr0, 0x80000031)},
        {"guest GDTR limit", linux_guest, nothing, put(Field::guest_gdtr_limit, 0x10000)},
        {"guest IDTR limit", linux_guest, nothing, put(Field::guest_idtr_limit, 0x10000)},
        {"guest RIP: bits 63:32", real_mode_guest, nothing, put(Field::guest_rip, bit(32))},
        {"guest RIP: bits 63:32", linux_guest,
         puts({{Field::guest_cs_access_rights, 0xc09b}, {Field::guest_rip, 0xffffffff}}),
         put(Field::guest_rip, bit(32))},
        {"guest RIP: bits above", linux_guest, put(Field::guest_rip, bit(47)),
         put(Field::guest_rip, bit(48))},
        {"guest RFLAGS: bit 1", linux_guest, nothing, put(Field::guest_rflags, 0)},
        {"guest RFLAGS: bit 1", linux_guest, nothing, put(Field::guest_rflags, 0x0a)},
        {"guest RFLAGS: bit 1", linux_guest, nothing, put(Field::guest_rflags, 0x22)},
        {"guest RFLAGS: bit 1", linux_guest, nothing, put(Field::guest_rflags, 0x8002)},
        {"guest RFLAGS: bit 1", linux_guest, nothing, put(Field::guest_rflags, bit(22) | 2)},
        {"guest RFLAGS: bit 1", linux_guest, nothing, put(Field::guest_rflags, bit(63) | 2)},
        {"guest RFLAGS.VM needs", v8086_guest,
         [](Machine& m) { m.add(Secondary::unrestricted_guest); }, put(Field::guest_cr0, 0x30)},
        {"guest RFLAGS.IF is 1", linux_guest,
         puts({{Field::guest_rflags, rflags_if | 2},
               {Field::entry_interruption_info, external_interrupt}}),
         put(Field::guest_rflags, 2)},
    };
    const Cases more = canonical_cases();
    cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

Cases guest_non_register_cases() {
    const Change user_mode = puts({{Field::guest_cs_selector, 0x33},
                                   {Field::guest_cs_access_rights, 0xa0fb},
                                   {Field::guest_ss_selector, 0x2b},
                                   {Field::guest_ss_access_rights, 0xc0f3}});
    const Change sti_blocks =
        puts({{Field::guest_rflags, rflags_if | 2}, {Field::guest_interruptibility, sti}});
    const auto activity = [](u64 value) { return put(Field::guest_activity, value); };
    const auto blocking = [](u64 value) { return put(Field::guest_interruptibility, value); };
    const auto pending = [](u64 value) { return put(Field::guest_pending_debug, value); };
    Cases cases = {
        {"guest activity state: one that", linux_guest, activity(wait_for_sipi), activity(4)},
        {"guest activity state: one that", linux_guest, event(inject_nmi), activity(4)},
        {"guest activity state: one that", linux_guest, activity(hlt),
         [](Machine& m) { m.facts.vmx_misc &= ~bit(6); }},
        {"guest activity state: one that", linux_guest, activity(shutdown),
         [](Machine& m) { m.facts.vmx_misc &= ~bit(7); }},
        {"guest activity state: one that", linux_guest, activity(wait_for_sipi),
         [](Machine& m) { m.facts.vmx_misc &= ~bit(8); }},
        {"guest activity state HLT needs", linux_guest, user_mode, activity(hlt)},
        {"guest activity state is active while", linux_guest, sti_blocks, activity(hlt)},
        {"guest activity state is active while", linux_guest, blocking(mov_ss), activity(shutdown)},
        {"one that ends the guest's activity", linux_guest,
         puts({{Field::guest_activity, hlt}, {Field::entry_interruption_info, 0x80000301}}),
         event(0x80000306)},
        {"one that ends the guest's activity", linux_guest,
         puts({{Field::guest_activity, hlt}, {Field::entry_interruption_info, 0x80000700}}),
         event(0x80000306)},
        {"one that ends the guest's activity", linux_guest,
         puts({{Field::guest_activity, hlt}, {Field::entry_interruption_info, 0x80000312}}),
         event(0x80000300)},
        {"one that ends the guest's activity", linux_guest,
         puts({{Field::guest_activity, shutdown}, {Field::entry_interruption_info, 0x80000312}}),
         event(0x80000301)},
        {"one that ends the guest's activity", linux_guest,
         puts({{Field::guest_activity, shutdown}, {Field::entry_interruption_info, inject_nmi}}),
         event(0x80000700)},
        {"one that ends the guest's activity", linux_guest, activity(wait_for_sipi),
         event(inject_nmi)},
        {"guest interruptibility: bits 31:5", linux_guest, nothing, blocking(0x20)},
        {"not blocking by both", linux_guest, sti_blocks, blocking(sti | mov_ss)},
        {"blocking by STI needs", linux_guest, sti_blocks, put(Field::guest_rflags, 2)},
        {"no blocking by STI or MOV SS when", linux_guest,
         puts({{Field::guest_rflags, rflags_if | 2},
               {Field::entry_interruption_info, external_interrupt}}),
         blocking(sti)},
        {"no blocking by STI or MOV SS when", linux_guest,
         puts({{Field::guest_rflags, rflags_if | 2},
               {Field::entry_interruption_info, external_interrupt}}),
         blocking(mov_ss)},
        {"no blocking by MOV SS when an NMI", linux_guest, event(inject_nmi), blocking(mov_ss)},
        {"no blocking by SMI", linux_guest, nothing, blocking(smi)},
        {"when a virtual NMI is injected", real_mode_guest, event(inject_nmi), blocking(nmi)},
        {"enclave interruption excludes", linux_guest, blocking(enclave),
         blocking(enclave | mov_ss)},
        {"pending debug exceptions: reserved", linux_guest, pending(0x580f), pending(0x10)},
        {"pending debug exceptions: reserved", linux_guest, nothing, pending(bit(13))},
        {"pending debug exceptions: reserved", linux_guest, nothing, pending(bit(15))},
        {"pending debug exceptions: reserved", linux_guest, nothing, pending(bit(17))},
        {"pending debug exceptions: BS fits", linux_guest, sti_blocks, pending(single_step)},
        {"pending debug exceptions: BS fits", linux_guest,
         puts({{Field::guest_rflags, rflags_if | rflags_tf | 2},
               {Field::guest_interruptibility, sti},
               {Field::guest_pending_debug, single_step}}),
         pending(0)},
        {"pending debug exceptions: BS fits", linux_guest,
         puts({{Field::guest_rflags, rflags_tf | 2},
               {Field::guest_interruptibility, mov_ss},
               {Field::guest_debugctl, 2},
               {Field::guest_pending_debug, 0}}),
         pending(single_step)},
        {"pending debug exceptions: BS fits", linux_guest, activity(hlt), pending(single_step)},
        {"pending debug exceptions: RTM", linux_guest, pending(rtm | enabled_breakpoint),
         pending(rtm)},
        {"pending debug exceptions: RTM", linux_guest, pending(rtm | enabled_breakpoint),
         pending(rtm | enabled_breakpoint | 1)},
        {"pending debug exceptions: RTM", linux_guest, pending(rtm | enabled_breakpoint),
         blocking(mov_ss)},
        {"VMCS link pointer", linux_guest, put(Field::vmcs_link_pointer, 0x6000),
         put(Field::vmcs_link_pointer, 0x6800)},
        {"VMCS link pointer", linux_guest, nothing, put(Field::vmcs_link_pointer, too_wide)},
    };
    const Field pdptes[] = {Field::guest_pdpte0, Field::guest_pdpte1, Field::guest_pdpte2,
                            Field::guest_pdpte3};
    for (unsigned i = 0; i < 4; ++i) {
        // The others are not present, and may hold anything else.
        const Change pae_paging = [=](Machine& m) {
            m.set(Field::guest_cr0, 0x80000031);
            m.set(Field::guest_cr4, 0x2020);
            for (const Field pdpte : pdptes) m.set(pdpte, 0xfffffffffffffffe);
            m.set(pdptes[i], 0x1e19);
        };
        const std::string rule = "guest PDPTE" + std::to_string(i);
        for (const u64 reserved : {u64{2}, u64{0x20}, too_wide})
            cases.push_back({rule, real_mode_guest, pae_paging, put(pdptes[i], 0x1001 | reserved)});
    }
    return cases;
}

}  // namespace test
