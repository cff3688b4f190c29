// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "vmx/entry_check/entry_check.hpp"
#include "vmx/globals.hpp"

namespace rmv {

// An owner can make a guest that can't be entered, which RUN then tells it by the rule; never can
// it break what is the visor's: controls and host state.
inline void expect_only_guest_rules_broken() {
    Vmcs vmcs;
    const u32 rule = find_broken_rule(globals.facts, vmcs);
    const std::string text = visor_entry_rule_text(rule);
    EXPECT_TRUE(rule == no_broken_rule || text.starts_with("guest ")) << text;
}

}  // namespace rmv
