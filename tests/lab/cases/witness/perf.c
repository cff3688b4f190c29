// SPDX-License-Identifier: GPL-2.0-only
// Which perf events the kernel gives, and what a watchpoint counts.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "witness.h"

enum { WRITES = 25 };

static int open_event(struct perf_event_attr *attributes)
{
	return (int)syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0);
}

static void show_event(const char *name, uint32_t type, uint64_t config)
{
	struct perf_event_attr attributes = {
		.type = type, .size = sizeof(attributes), .config = config, .exclude_kernel = 1};
	int file = open_event(&attributes);

	printf("perf %s %s\n", name, file < 0 ? strerror(errno) : "counts");
	if (file >= 0)
		close(file);
}

static void show_watchpoint(void)
{
	struct perf_event_attr attributes = {.type = PERF_TYPE_BREAKPOINT,
					     .size = sizeof(attributes),
					     .bp_type = HW_BREAKPOINT_W,
					     .bp_addr = (uintptr_t)&watched,
					     .bp_len = HW_BREAKPOINT_LEN_4,
					     .exclude_kernel = 1};
	int file = open_event(&attributes);
	uint64_t count = 0;

	if (file < 0) {
		printf("perf watchpoint %s\n", strerror(errno));
		return;
	}
	for (int i = 0; i < WRITES; i++)
		watched = i;
	if (read(file, &count, sizeof(count)) != sizeof(count))
		perror("perf watchpoint");
	printf("perf watchpoint %llu of %d\n", (unsigned long long)count, WRITES);
	close(file);
}

void show_perf(void)
{
	show_event("task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK);
	show_event("cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES);
	show_event("instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS);
	show_event("cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES);
	show_watchpoint();
}
