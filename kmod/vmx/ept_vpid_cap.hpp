// SPDX-License-Identifier: GPL-2.0-only
// IA32_VMX_EPT_VPID_CAP: what EPT and VPID can do on this CPU.
//
// Source: Intel SDM volume 3, appendix "VPID and EPT Capabilities".
#pragma once

#include "x86/types.hpp"

namespace rmv {

enum class EptVpidCap : u64 {
    execute_only = bit(0),
    page_walk_4 = bit(6),
    page_walk_5 = bit(7),
    paging_structures_uc = bit(8),
    paging_structures_wb = bit(14),
    page_2m = bit(16),
    page_1g = bit(17),
    invept = bit(20),
    accessed_dirty = bit(21),
    advanced_exit_information = bit(22),
    supervisor_shadow_stack = bit(23),
    invept_single_context = bit(25),
    invept_all_context = bit(26),
    invvpid = bit(32),
    invvpid_individual_address = bit(40),
    invvpid_single_context = bit(41),
    invvpid_all_context = bit(42),
    invvpid_single_context_retaining_globals = bit(43),
};

}  // namespace rmv
