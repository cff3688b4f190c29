/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM without vCPUs, with memory of the program that loads this module. For
 * suites whose init, exit, suite_init and suite_exit are these. A case expects,
 * it does not assert: its thread has to let go of the program's memory.
 */
#pragma once

#include <kunit/test.h>

#include "border.h"
#include "vm.h"

#define GUEST_PAGES 64ul

struct guest {
	struct rm_vm vm;
	struct visor_guest_memory memory;
	unsigned long user;		/* address of GUEST_PAGES pages; behind them nothing is mapped */
};

int guest_suite_init(struct kunit_suite *suite);
void guest_suite_exit(struct kunit_suite *suite);
/* test->priv is the struct guest. */
int guest_init(struct kunit *test);
void guest_exit(struct kunit *test);

/* rm_memslot_set() of pages of the program's memory, from page @from of it. */
long guest_set_slot(struct guest *g, u32 slot, u64 guest_physical, unsigned long from,
		    unsigned long pages, u32 flags);
