// SPDX-License-Identifier: GPL-2.0-only
/*
 * quick RING CPU EXITS: that CPU makes EXITS numbered exits while nothing is filtered, so that entry.S
 * writes their records by itself; each of them is in the ring, whole and in its place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "exact.h"

int test_quick(char **arguments, int count)
{
	struct sequence found = { .cpu = (unsigned int)atoi(arguments[1]) };
	unsigned int exits = (unsigned int)atoi(arguments[2]);
	size_t bytes;
	const struct rmvisor_trace_map *map = map_ring(open_ring(arguments[0]), &bytes);
	unsigned long long index = head_of(map), end;

	(void)count;
	if (waitpid(start_exits(found.cpu, exits), NULL, 0) < 0)
		return fail("waitpid");
	end = head_of(map);
	if (end - index >= map->records) {
		printf("%llu records are more than the ring has\n", end - index);
		return 1;
	}
	for (; index < end; index++)
		if (slot_of(map, index)->rip == (unsigned long)numbered_cpuid)
			check_next(&found, slot_of(map, index));
	return !all_seen(&found, exits, 0);
}
