// SPDX-License-Identifier: GPL-2.0-only
// Stands in for kmod/vmx/entry.S: symbols that C++ takes the address of, and what it calls. Nothing
// here enters a guest.
#include "entry.hpp"

#include "cpu.hpp"
#include "vmx/entry.hpp"

namespace fake {
namespace {

EntryCalls the_calls;

}  // namespace

EntryCalls& entry_calls() { return the_calls; }
void reset_entry_calls() { the_calls = {}; }

}  // namespace fake

using rmv::u32;
using rmv::u64;
using rmv::u8;

const u8 visor_fault_stubs[FAULT_VECTORS * FAULT_STUB_BYTES] = {};
const rmv::Fixup visor_fixups_begin[1] = {};
const rmv::Fixup visor_fixups_end[1] = {};

u32 visor_launch_here() { return 0; }
u64 visor_call(u64) { return 0; }
void visor_vmexit() {}
void visor_nmi() {}
void visor_resume_begin() {}
void visor_resume_end() {}
void visor_resume_pending() {}
void visor_unblock_nmis() { ++fake::entry_calls().unblocked_nmis; }

bool visor_safe_rdmsr(u32 msr, u64* value) {
    const auto found = fake::cpu().msrs.find(msr);
    if (found == fake::cpu().msrs.end()) return false;
    *value = found->second;
    return true;
}

bool visor_safe_wrmsr(u32 msr, u64 value) {
    if (!fake::cpu().msrs.contains(msr)) return false;
    fake::cpu().wrmsr(static_cast<rmv::Msr>(msr), value);
    return true;
}

bool visor_safe_xsetbv(u32 xcr, u64 value) {
    fake::entry_calls().xsetbvs.push_back({xcr, value});
    return xcr == 0 && (value & 1) != 0;
}
