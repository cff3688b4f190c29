// SPDX-License-Identifier: GPL-2.0-only
#include "cpu_models.hpp"

#include "facts.hpp"
#include "shim.hpp"
#include "vmx.hpp"
#include "vmx/controls.hpp"

namespace fake {
namespace {

using rmv::mask;
using rmv::Secondary;

constexpr u64 true_pin = 0x0000007f00000016, true_primary = 0xfff9fffe04006172;
constexpr u64 true_exit = 0x007fffff00036dfb, true_entry = 0x0000ffff000011fb;
// Bochs 3.0's, without the monitor trap flag.
constexpr u64 bochs_primary = 0xf7f9fffe04006172;
// What Linux has in CR4, where the CPU has it.
constexpr u64 linux_cr4 = 0x3706f0;
constexpr CpuidRegs bochs_generic_features{0x00000f4a, 0x00100800, 0x00002021, 0x1fcbfbff};

struct Numbers {
    u64 basic, primary, secondary, ept_vpid, misc, cr4_fixed1;
    u32 physical_bits;
};

constexpr visor_cpu_facts facts_of(const Numbers& numbers) {
    return {.vmx_basic = numbers.basic,
            .pin_controls = true_pin,
            .primary_controls = numbers.primary,
            .secondary_controls = numbers.secondary << 32,
            .exit_controls = true_exit,
            .entry_controls = true_entry,
            .ept_vpid_cap = numbers.ept_vpid,
            .vmx_misc = numbers.misc,
            .cr0_fixed0 = 0x80000021,
            .cr0_fixed1 = 0xffffffff,
            .cr4_fixed0 = 0x2000,
            .cr4_fixed1 = numbers.cr4_fixed1,
            .feature_control = 5,
            .cr4 = linux_cr4 & numbers.cr4_fixed1,
            .s_cet = 0,
            .has_vmx = 1,
            .physical_bits = numbers.physical_bits};
}

// bx_generic has neither EPT nor the preemption timer, PAT and EFER controls.
constexpr visor_cpu_facts bochs_generic() {
    visor_cpu_facts facts =
        facts_of({0x00d810000000002b, bochs_primary, 0x49, 0, 0x401e0, 0x27ff, 40});
    facts.pin_controls = 0x0000003f00000016;
    facts.exit_controls = 0x0003efff00036dfb;
    facts.entry_controls = 0x00001fff000011fb;
    return facts;
}

constexpr CpuModel models[] = {
    {"IvyBridge_i5_3570",
     VISOR_OK,
     facts_of({0x00da040000000010, true_primary, 0x8ff, 0xf0106114141, 0x100401e5, 0x1767ff, 36}),
     0xd0a,
     {0xd, 0x756e6547, 0x6c65746e, 0x49656e69},
     {0x306a9, 0x04100800, 0x7fbae3ff, 0xbfebfbff},
     {0, 0x281, 0, 0},
     false,
     false,
     true},
    {"Broadwell_i7_5600U",
     VISOR_OK,
     facts_of({0x00da040000000012, true_primary, 0x57cff, 0xf0106334141, 0x300481e5, 0x3767ff, 39}),
     0xd0a,
     {0x14, 0x756e6547, 0x6c65746e, 0x49656e69},
     {0x306d4, 0x00100800, 0x7ffafbff, 0xbfebfbff},
     {0, 0x021c2fbb, 0, 0},
     true,
     false,
     true},
    {"Silvermont_N3530",
     VISOR_OK,
     facts_of({0x00da040000000002, true_primary, 0x28ef, 0xf0106114141, 0x481e6, 0x1027ff, 36}),
     0xd08,
     {0xb, 0x756e6547, 0x6c65746e, 0x49656e69},
     {0x30678, 0x02100800, 0x41d8e3bf, 0xbfebfbff},
     {0, 0x2282, 0, 0},
     false,
     false,
     false},
    {"Bochs_corei7_haswell_4770",
     VISOR_OK,
     facts_of(
         {0x00d810000000002b, bochs_primary, 0x47fff, 0xf0106334141, 0x200401e0, 0x1727ff, 40}),
     0x508,
     {0xd, 0x756e6547, 0x6c65746e, 0x49656e69},
     {0x306c3, 0x00100800, 0x7ffafbff, 0xbfebfbff},
     {0, 0x27ab, 0, 0},
     true,
     true,
     true},
    {"Bochs_corei7_skylake_x",
     VISOR_OK,
     facts_of(
         {0x00d810000000002b, bochs_primary, 0x2177fff, 0xf0106334141, 0x600401e0, 0x3727ff, 40}),
     0x508,
     {0xd, 0x756e6547, 0x6c65746e, 0x49656e69},
     {0x50654, 0x00100800, 0x7ffefbff, 0xbfebfbff},
     {0, 0xd39ffffb, 0, 0},
     true,
     true,
     true},
    {"Bochs_bx_generic",
     VISOR_NO_EPT,
     bochs_generic(),
     0x508,
     {5, 0x756e6547, 0x6c65746e, 0x49656e69},
     bochs_generic_features,
     {},
     false,
     false,
     false},
};

// 16 MiB of SMRAM below 4 GiB, write-back; with the capability alone.
void provide_smrr(u64 mtrr_cap) {
    constexpr u64 has_smrr = rmv::bit(11);
    if ((mtrr_cap & has_smrr) == 0) return;
    cpu().set(Msr::smrr_physbase, 0xdc000006);
    cpu().set(Msr::smrr_physmask, 0xff000800);
}

// Fields that only a control brings along.
void remove_fields(const visor_cpu_facts& facts) {
    const struct {
        Secondary control;
        Field field;
    } optional[] = {
        {Secondary::xsaves, Field::xss_exiting_bitmap},
        {Secondary::pconfig, Field::pconfig_exiting_bitmap},
        {Secondary::ept, Field::ept_pointer},
        {Secondary::vpid, Field::vpid},
        {Secondary::virtualize_apic_accesses, Field::apic_access_address},
    };
    for (const auto& one : optional)
        if ((rmv::high32(facts.secondary_controls) & mask(one.control)) == 0)
            vmx().remove(one.field);
}

}  // namespace

const std::span<const CpuModel> cpu_models{models};

std::vector<CpuModel> good_cpu_models() {
    std::vector<CpuModel> good;
    for (const CpuModel& model : models)
        if (model.refusal == VISOR_OK) good.push_back(model);
    return good;
}

void become(const CpuModel& model) {
    set_arena(0x2'3400'0000);  // within 36 bits, as the smallest of them has
    provide(model.facts);
    if (model.facts.ept_vpid_cap == 0) cpu().msrs.erase(static_cast<u32>(Msr::vmx_ept_vpid_cap));
    cpu().set(Msr::mtrr_cap, model.mtrr_cap);
    provide_smrr(model.mtrr_cap);
    cpu().leaves[{0, 0}] = model.identity;
    cpu().leaves[{1, 0}] = model.features;
    cpu().leaves[{7, 0}] = model.extended_features;
    cpu().leaves[{0x80000008, 0}].eax = 0x3000 | model.facts.physical_bits;
    remove_fields(model.facts);
}

}  // namespace fake
