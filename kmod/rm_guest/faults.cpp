// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/faults.hpp"

#include "exit/event.hpp"
#include "rm_guest/control_registers.hpp"

namespace rmv {

Action undefined_instruction(Vmcs& vmcs) noexcept {
    inject_exception(vmcs, Vector::invalid_opcode);
    return Action::inject;
}

Action general_protection(Vmcs& vmcs) noexcept {
    inject_exception_with_code(vmcs, Vector::general_protection, 0, is_real_mode(vmcs));
    return Action::inject;
}

}  // namespace rmv
