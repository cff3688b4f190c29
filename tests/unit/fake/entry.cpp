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

// The linker script's borders of the image, the table of fix-ups, and the way back into the guest:
// symbols whose order matters.
asm(R"(
    .pushsection .data.rel.ro, "aw"
    .balign 4096
    .globl visor_text_start, visor_text_end, visor_rodata_start, visor_rodata_end
    .globl visor_data_start, visor_data_end
visor_text_start: .skip 8192
visor_text_end:
visor_rodata_start: .skip 4096
visor_rodata_end:
visor_data_start: .skip 4096
visor_data_end:
    .globl visor_fixups_begin, visor_fixups_end
visor_fixups_begin: .quad 0x12340000, 0x56780000
visor_fixups_end:
    .popsection
    .pushsection .text
    .globl visor_quick_begin, visor_quick_end, visor_quick_pending
    .globl visor_resume_begin, visor_resume_end, visor_resume_pending
visor_quick_begin: .skip 16
visor_quick_end: .skip 16
visor_quick_pending: .skip 16
visor_resume_begin: .skip 16
visor_resume_end: .skip 16
visor_resume_pending: .skip 16
    .popsection
)");

u32 visor_launch_here() {
    auto& launch = fake::entry_calls().launch;
    return launch ? launch() : 0;
}
u64 visor_call(u64 number, u64 argument) {
    fake::entry_calls().calls.push_back({number, argument});
    return fake::entry_calls().call_result;
}
void visor_vmexit() {}
void visor_nmi() {}
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
