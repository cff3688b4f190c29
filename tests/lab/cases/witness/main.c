// SPDX-License-Identifier: GPL-2.0-only
// witness CPU [no-execute-breakpoints]: prints what programs on that CPU can see of it. Two runs
// differ only if the CPU does.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "witness.h"

enum { TIME_LIMIT = 120 }; /* a hang is a difference too */

int main(int count, char **arguments)
{
	cpu_set_t set;
	int cpu = count == 2 || count == 3 ? atoi(arguments[1]) : -1;

	if (cpu < 0) {
		fprintf(stderr, "usage: witness CPU [no-execute-breakpoints]\n");
		return 2;
	}
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("sched_setaffinity");
		return 1;
	}
	alarm(TIME_LIMIT);
	setlinebuf(stdout);
	show_cpuid();
	show_xcr();
	show_registers();
	show_clock();
	show_faults();
	show_debugger(count == 2);
	show_perf();
	show_msrs(cpu);
	puts("end");
	return 0;
}
