// SPDX-License-Identifier: GPL-2.0-only
// Exit reasons by name, for the shim. Runs in Linux only.
#include "exit/reason.hpp"
#include "x86/types.hpp"

const char* visor_exit_reason_text(rmv_u32 reason) {
    if (const auto known = rmv::decode_reason(reason)) return rmv::to_string(*known);
    return "undefined exit reason";
}
