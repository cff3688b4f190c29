// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers of the trace, one by its first argument:
 *
 *   map FILE           reads the ring by mmap as the ABI header says; what the mapping must refuse
 *   retired FILE KB    maps, has buffer_size_kb written, finds the ring retired and maps anew
 *   count SECONDS FILES...
 *                      reads all of them all the time; at the end each must have had as many records
 *                      and losses as the ring's head says
 *   exact raw|pipe FOLDER EXITS CPU GUEST_EXITS COMMAND...
 *                      a known number of exits on every CPU, read while they happen (exact.c)
 *   quick FILE CPU EXITS
 *                      without a filter: the records that entry.S writes (quick.c)
 *   pipe FOLDER        trace_pipe: poll, O_NONBLOCK, small buffers, several readers (pipe.c)
 *
 * FOLDER: debugfs rmvisor. Exit status 0: all is as it should be; else one line says what is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "reader.h"

int fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

int open_ring(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		exit(fail(path));
	return fd;
}

const struct rmvisor_trace_map *map_ring(int fd, size_t *bytes)
{
	const struct rmvisor_trace_map *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		exit(fail("mapping a page"));
	if (map->version != RMVISOR_TRACE_VERSION ||
	    map->record_bytes != sizeof(struct rmvisor_trace_record))
		exit(fail("another version"));
	*bytes = map->data_offset + (size_t)map->records * map->record_bytes;
	map = mmap(NULL, *bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		exit(fail("mapping the ring"));
	return map;
}

static const struct {
	const char *name;
	int fewest;
	int (*run)(char **arguments, int count);
} tests[] = {
	{ "map", 1, test_map },	    { "retired", 3, test_retired }, { "count", 2, test_count },
	{ "exact", 6, test_exact }, { "pipe", 1, test_pipe },
	{ "quick", 3, test_quick },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(tests) / sizeof(tests[0]); i++)
		if (!strcmp(argv[1], tests[i].name) && argc - 2 >= tests[i].fewest)
			return tests[i].run(argv + 2, argc - 2);
	fprintf(stderr, "see the head of main.c\n");
	return 2;
}
