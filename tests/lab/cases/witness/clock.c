// SPDX-License-Identifier: GPL-2.0-only
// The TSC as a program sees it: never back, and named by the CPU that it is read on.
#include <stdint.h>
#include <stdio.h>
#include <sched.h>
#include <x86intrin.h>

#define READS 20000

#include "witness.h"

void show_clock(void)
{
	uint64_t before = __rdtsc();
	int back = 0;

	for (int i = 0; i < READS; i++) {
		uint64_t now = __rdtsc();

		back += now < before;
		before = now;
		if (i % 1000 == 0)
			sched_yield();
	}
	printf("tsc went back %d times\n", back);
}
