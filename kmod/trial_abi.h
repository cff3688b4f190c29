/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of a guest's VMCS that are changed for its next entry alone, in builds
 * for tests (make module FAULT=1): so a test compares what the VM-entry checker
 * says of a state with what the CPU does. Part of abi.h; debugfs
 * per_cpu/cpuN/entry_trial takes and gives the struct as it is.
 */
#ifndef RMVISOR_TRIAL_ABI_H
#define RMVISOR_TRIAL_ABI_H

#include "abi_types.h"

#define VISOR_TRIAL_FIELDS 128u

enum visor_trial_state {
	VISOR_TRIAL_NONE = 0,
	VISOR_TRIAL_ARMED = 1,        /* by Linux; the next entry of the guest takes it */
	VISOR_TRIAL_APPLIED = 2,      /* the changes are in the VMCS */
	VISOR_TRIAL_NO_FIELD = 3,     /* no entry: the CPU has not fields[count] */
	VISOR_TRIAL_CHECKED = 4,      /* no entry: none was wanted */
	VISOR_TRIAL_DONE = 5,         /* the entry has failed, or an exit came */
};

struct visor_trial_field {
	rmv_u32 field;                /* encoding; each at most once */
	rmv_u32 reserved;
	rmv_u64 value;
};

struct visor_trial {
	rmv_u32 state;                /* enum visor_trial_state */
	rmv_u32 wants_entry;          /* 0: the checker is asked, and nothing is entered */
	rmv_u32 count;
	/* results; `rule` before the entry, the others as in struct visor_stop */
	rmv_u32 rule;
	rmv_u32 exit_reason;
	rmv_u32 instruction_error;
	rmv_u64 qualification;
	struct visor_trial_field fields[VISOR_TRIAL_FIELDS];
};

#endif /* RMVISOR_TRIAL_ABI_H */
