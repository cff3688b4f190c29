// SPDX-License-Identifier: GPL-2.0-only
// Stands in for kmod/vmx/insn.hpp in unit tests (earlier in the include path): the same names and
// signatures, on the fake CPU's VMX.
#pragma once

#include "../vmx.hpp"
#include "x86/types.hpp"

namespace rmv::insn {

[[nodiscard]] inline bool vmxon(u64 region) noexcept { return fake::vmx().vmxon(region); }
[[nodiscard]] inline bool vmxoff() noexcept { return fake::vmx().vmxoff(); }
[[nodiscard]] inline bool vmclear(u64 region) noexcept { return fake::vmx().vmclear(region); }
[[nodiscard]] inline bool vmptrld(u64 region) noexcept { return fake::vmx().vmptrld(region); }

[[nodiscard]] inline bool vmread(u64 encoding, u64& value) noexcept {
    return fake::vmx().vmread(encoding, value);
}
[[nodiscard]] inline bool vmwrite(u64 encoding, u64 value) noexcept {
    return fake::vmx().vmwrite(encoding, value);
}

struct InveptDescriptor {
    u64 ept_pointer;
    u64 reserved;
};
enum class InveptType : u64 { single_context = 1, all_contexts = 2 };

[[nodiscard]] inline bool invept(InveptType type, const InveptDescriptor& d) noexcept {
    return fake::vmx().invept(static_cast<u64>(type), d.ept_pointer, d.reserved);
}

struct InvvpidDescriptor {
    u64 vpid;
    u64 linear_address;
};
enum class InvvpidType : u64 { individual_address = 0, single_context = 1, all_contexts = 2 };

[[nodiscard]] inline bool invvpid(InvvpidType type, const InvvpidDescriptor& d) noexcept {
    return fake::vmx().invvpid(static_cast<u64>(type), d.vpid, d.linear_address);
}

}  // namespace rmv::insn
