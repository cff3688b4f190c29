// SPDX-License-Identifier: GPL-2.0-only
// A guest on a dedicated CPU, and one entry of it at a time with a changed VMCS.
#pragma once

#include <string>

#include "owner/machine.hpp"
#include "states.hpp"
#include "trial_abi.h"

namespace entry_rules {

// How an entry came out.
struct Outcome {
    visor_trial_state state;
    u32 rule;           // that the checker has found before the entry
    u32 missing_field;  // NO_FIELD: the encoding
    u32 exit_reason;    // DONE: with bit 31 for a failed entry; 0 after a VMfail
    u32 instruction_error;
    u64 qualification;
    u32 kvm_exit;      // kvm_run.exit_reason
    u64 kvm_hardware;  // kvm_run.fail_entry's, if it is that
};

class Guest {
public:
    Guest();

    // Asks the checker; enters, too, if `wants_entry`.
    [[nodiscard]] Outcome attempt(const Fields& changes, bool wants_entry);

private:
    owner::Device device_;
    owner::Machine machine_;
    owner::Descriptor trial_;
};

}  // namespace entry_rules
