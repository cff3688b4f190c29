// SPDX-License-Identifier: GPL-2.0-only
// One-instruction wrappers for VMX. Each says whether it worked by the flags that the SDM defines
// (volume 3, VMX Instruction Reference, Conventions); unit tests put a strict fake CPU in this
// header's place.
#pragma once

#include "x86/types.hpp"

namespace rmv::insn {

// What asm writes is not initialised before.
// NOLINTBEGIN(cppcoreguidelines-init-variables)

// VMsucceed clears CF and ZF; VMfailInvalid sets CF, VMfailValid sets ZF.
// In Linux only: a fault there is a failure too, by Linux's exception table (type 1, the default).
// Whoever runs this kernel as a guest answers with #GP, such as another rmvisor under a crash
// kernel.
[[nodiscard]] inline bool vmxon(u64 region_phys) noexcept {
    bool failed;
    asm volatile(
        "1: vmxon %1\n"
        "   jmp 3f\n"
        "2: stc\n"
        "3:\n"
        ".pushsection __ex_table, \"a\"\n"
        ".balign 4\n"
        ".long 1b - ., 2b - ., 1\n"
        ".popsection"
        : "=@ccbe"(failed)
        : "m"(region_phys)
        : "memory");
    return !failed;
}

[[nodiscard]] inline bool vmxoff() noexcept {
    bool failed;
    asm volatile("vmxoff" : "=@ccbe"(failed) : : "memory");
    return !failed;
}

[[nodiscard]] inline bool vmclear(u64 vmcs_phys) noexcept {
    bool failed;
    asm volatile("vmclear %1" : "=@ccbe"(failed) : "m"(vmcs_phys) : "memory");
    return !failed;
}

[[nodiscard]] inline bool vmptrld(u64 vmcs_phys) noexcept {
    bool failed;
    asm volatile("vmptrld %1" : "=@ccbe"(failed) : "m"(vmcs_phys) : "memory");
    return !failed;
}

[[nodiscard]] inline bool vmread(u64 encoding, u64& value) noexcept {
    bool failed;
    asm volatile("vmread %2, %1" : "=@ccbe"(failed), "=r"(value) : "r"(encoding) : "memory");
    return !failed;
}

[[nodiscard]] inline bool vmwrite(u64 encoding, u64 value) noexcept {
    bool failed;
    asm volatile("vmwrite %2, %1" : "=@ccbe"(failed) : "r"(encoding), "r"(value) : "memory");
    return !failed;
}

struct InveptDescriptor {
    u64 ept_pointer;
    u64 reserved;
};
static_assert(sizeof(InveptDescriptor) == 16);

enum class InveptType : u64 { single_context = 1, all_contexts = 2 };

[[nodiscard]] inline bool invept(InveptType type, const InveptDescriptor& descriptor) noexcept {
    bool failed;
    asm volatile("invept %1, %2"
                 : "=@ccbe"(failed)
                 : "m"(descriptor), "r"(static_cast<u64>(type))
                 : "memory");
    return !failed;
}

struct InvvpidDescriptor {
    u64 vpid;
    u64 linear_address;
};
static_assert(sizeof(InvvpidDescriptor) == 16);

enum class InvvpidType : u64 { individual_address = 0, single_context = 1, all_contexts = 2 };

[[nodiscard]] inline bool invvpid(InvvpidType type, const InvvpidDescriptor& descriptor) noexcept {
    bool failed;
    asm volatile("invvpid %1, %2"
                 : "=@ccbe"(failed)
                 : "m"(descriptor), "r"(static_cast<u64>(type))
                 : "memory");
    return !failed;
}

// NOLINTEND(cppcoreguidelines-init-variables)

}  // namespace rmv::insn
