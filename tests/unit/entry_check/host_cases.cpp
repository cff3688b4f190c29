// SPDX-License-Identifier: GPL-2.0-only
#include "machine.hpp"

namespace test {

Cases host_cases() {
    using rmv::bit;
    using rmv::ExitControl;
    constexpr u64 not_canonical = bit(47);
    Cases cases = {
        {"host CR0:", linux_guest, nothing, [](Machine& m) { m.remove(Field::host_cr0, bit(5)); }},
        {"host CR0:", linux_guest, nothing, [](Machine& m) { m.remove(Field::host_cr0, bit(0)); }},
        {"host CR4:", linux_guest, nothing, [](Machine& m) { m.remove(Field::host_cr4, bit(13)); }},
        {"host CR4:", linux_guest, nothing, [](Machine& m) { m.add(Field::host_cr4, bit(22)); }},
        {"host CR4.CET", linux_guest, [](Machine& m) { m.add(Field::host_cr4, bit(23)); },
         [](Machine& m) { m.remove(Field::host_cr0, bit(16)); }},
        {"host CR3:", linux_guest, nothing, put(Field::host_cr3, too_wide)},
        {"host CR3:", linux_guest, nothing, put(Field::host_cr3, bit(63))},
        {"host IA32_PAT:", linux_guest, nothing, put(Field::host_pat, 0x0007040600070402)},
        {"host IA32_PAT:", linux_guest, nothing, put(Field::host_pat, 0x0807040600070406)},
        {"host IA32_EFER: reserved", linux_guest, nothing, put(Field::host_efer, 0xd02)},
        {"host IA32_EFER.LMA", linux_guest, nothing, put(Field::host_efer, 0x900)},
        {"host IA32_EFER.LME", linux_guest, nothing, put(Field::host_efer, 0xc00)},
        {"host CS selector is not 0", linux_guest, nothing, put(Field::host_cs_selector, 0)},
        {"host TR selector is not 0", linux_guest, nothing, put(Field::host_tr_selector, 0)},
        // Without "load IA32_EFER", whose rules would speak up as well.
        {"host address-space size is 1", linux_guest,
         [](Machine& m) { m.remove(ExitControl::load_efer); },
         [](Machine& m) { m.remove(ExitControl::host_address_space_size); }},
        {"host CR4.PAE", linux_guest, nothing,
         [](Machine& m) { m.remove(Field::host_cr4, bit(5)); }},
        // With 5-level paging more addresses are canonical.
        {"host RIP is canonical", linux_guest,
         [](Machine& m) {
             m.facts.cr4_fixed1 |= bit(12);
             m.set(Field::host_rip, 0xff10000000000000);
         },
         [](Machine& m) { m.facts.cr4_fixed1 &= ~bit(12); }},
    };
    const struct {
        const char* rule;
        Field field;
    } canonical[] = {
        {"host IA32_SYSENTER_ESP", Field::host_sysenter_esp},
        {"host IA32_SYSENTER_EIP", Field::host_sysenter_eip},
        {"host FS base", Field::host_fs_base},
        {"host GS base", Field::host_gs_base},
        {"host GDTR base", Field::host_gdtr_base},
        {"host IDTR base", Field::host_idtr_base},
        {"host TR base", Field::host_tr_base},
        {"host RIP is canonical", Field::host_rip},
    };
    for (const auto& one : canonical) {
        cases.push_back({one.rule, linux_guest, put(one.field, not_canonical - 1),
                         put(one.field, not_canonical)});
        cases.push_back(
            {one.rule, linux_guest, put(one.field, ~u64{0} << 47), put(one.field, ~u64{0} << 48)});
    }
    const struct {
        const char* rule;
        Field field;
    } selectors[] = {
        {"host CS selector: RPL", Field::host_cs_selector},
        {"host SS selector: RPL", Field::host_ss_selector},
        {"host DS selector: RPL", Field::host_ds_selector},
        {"host ES selector: RPL", Field::host_es_selector},
        {"host FS selector: RPL", Field::host_fs_selector},
        {"host GS selector: RPL", Field::host_gs_selector},
        {"host TR selector: RPL", Field::host_tr_selector},
    };
    for (const auto& one : selectors) {
        for (const u64 wrong : {0x09, 0x0a, 0x0c})
            cases.push_back({one.rule, linux_guest, nothing, put(one.field, wrong)});
    }
    return cases;
}

}  // namespace test
