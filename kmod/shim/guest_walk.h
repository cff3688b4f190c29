/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory by linear address, for a stopped vCPU: what the CPU does with
 * the guest's page tables (SDM: Paging), done by Linux, which has the pages.
 */
#pragma once

#include <linux/types.h>

#include "../abi.h"

struct rm_vm;

enum guest_walk_result {
	GUEST_WALK_OK = 0,
	GUEST_WALK_FAULT,	/* the guest gets #PF: fault_address, fault_error */
	GUEST_WALK_NO_MEMORY,	/* an address that no slot has, or a read-only one for a write */
};

struct guest_walk {
	struct rm_vm *vm;
	const struct visor_vcpu_state *state;
	bool write;
	u64 page_linear, page_physical;	/* of the last page, while valid */
	bool valid;
	u64 fault_address;
	u32 fault_error;
};

/* Under vm->lock. @data NULL: looks, sets accessed and dirty bits, moves nothing. */
enum guest_walk_result guest_walk_move(struct guest_walk *walk, u64 linear, void *data, u32 bytes);
