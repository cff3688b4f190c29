// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/translations.hpp"

#include "vmx/ept_vpid_cap.hpp"
#include "vmx/globals.hpp"
#include "vmx/insn.hpp"

namespace rmv {

namespace {

// A CPU without the single-context type has the type for all contexts (pre-flight asks for either).
template <typename Type>
Type type_for(EptVpidCap single) noexcept {
    return has(globals.facts.ept_vpid_cap, single) ? Type::single_context : Type::all_contexts;
}

Status as_status(bool done) noexcept { return done ? success : Status{VISOR_VMCS_FAILED}; }

}  // namespace

Status flush_linear(const Cpu& cpu) noexcept {
    const insn::InvvpidDescriptor descriptor{.vpid = guest_vpid(cpu.number), .linear_address = 0};
    const auto type = type_for<insn::InvvpidType>(EptVpidCap::invvpid_single_context);
    return as_status(insn::invvpid(type, descriptor));
}

Status flush_guest_physical(u64 ept_pointer) noexcept {
    const insn::InveptDescriptor descriptor{.ept_pointer = ept_pointer, .reserved = 0};
    const auto type = type_for<insn::InveptType>(EptVpidCap::invept_single_context);
    return as_status(insn::invept(type, descriptor));
}

}  // namespace rmv
