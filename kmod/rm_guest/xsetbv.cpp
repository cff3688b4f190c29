// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/xsetbv.hpp"

#include "exit/event.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/fpu.hpp"

namespace rmv {

Action handle_rm_xsetbv(ExitContext& exit) noexcept {
    // The SDM has both checked before the exit; Bochs exits first.
    if (!has(read_guest_cr4(exit.vmcs), Cr4::osxsave)) return undefined_instruction(exit.vmcs);
    const u64 value = join(low32(exit.gprs.rdx), low32(exit.gprs.rax));
    if (privilege_level(exit.vmcs) != 0 || low32(exit.gprs.rcx) != 0 || !is_valid_xcr0(value))
        return general_protection(exit.vmcs);
    write_guest_xcr0(value);
    return Action::skip;
}

}  // namespace rmv
