// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads rings for some seconds, whatever is written to them, and adds up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "reader.h"

#define MOST_FILES 64
#define CHUNK 1024

struct reader {
	int fd;
	const struct rmvisor_trace_map *map;
	unsigned long long first, records, lost, last;
};

/* Returns how many bytes came. */
static ssize_t read_more(struct reader *r)
{
	static struct rmvisor_trace_record records[CHUNK];
	ssize_t bytes = read(r->fd, records, sizeof(records)), i;

	for (i = 0; i < bytes / (ssize_t)sizeof(records[0]); i++) {
		if (records[i].type == RMVISOR_TRACE_LOST) {
			r->lost += records[i].qualification;
			continue;
		}
		r->records++;
		if (records[i].tsc < r->last || records[i].cpu != r->map->cpu)
			exit(fail("out of order"));
		r->last = records[i].tsc;
	}
	return bytes;
}

/* Where the head did not move meanwhile, all below it has been read. */
static void begin_at_the_end(struct reader *r)
{
	do {
		r->first = head_of(r->map);
		while (read_more(r) > 0)
			;
	} while (r->first != head_of(r->map));
	r->records = r->lost = 0;
}

static int sums_are_right(struct reader *r)
{
	unsigned long long before = head_of(r->map), after, all;

	while (read_more(r) > 0)
		;
	after = head_of(r->map);
	all = r->first + r->records + r->lost;
	printf("cpu%u: %llu records, %llu lost\n", r->map->cpu, r->records, r->lost);
	return all >= before && all <= after;
}

int test_count(char **arguments, int count)
{
	static struct reader readers[MOST_FILES];
	time_t end = time(NULL) + atoi(arguments[0]);
	char **paths = arguments + 1;
	int i, bad = 0;

	count--;
	for (i = 0; i < count && i < MOST_FILES; i++) {
		struct reader *r = &readers[i];
		size_t bytes;

		r->fd = open_ring(paths[i]);
		r->map = map_ring(r->fd, &bytes);
		begin_at_the_end(r);
	}
	while (time(NULL) < end)
		for (i = 0; i < count; i++)
			read_more(&readers[i]);
	for (i = 0; i < count; i++)
		if (!sums_are_right(&readers[i]))
			bad = 1;
	return bad ? fail("records and losses are not what was written") : 0;
}
