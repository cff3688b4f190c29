// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring that is mapped: what it shows, and what the mapping refuses.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "reader.h"

/* The records that are there, by the rule of the ABI header. */
static unsigned long read_by_map(const struct rmvisor_trace_map *map)
{
	unsigned long long head = head_of(map), i, last = 0;
	unsigned long whole = 0;

	for (i = head > map->records ? head - map->records : 0; i < head; i++) {
		struct rmvisor_trace_record record = *slot_of(map, i);

		if (i < map->first || head_of(map) >= i + map->records)
			continue;
		if (record.cpu != map->cpu || !record.type || record.tsc < last)
			exit(fail("a record that no CPU wrote"));
		last = record.tsc;
		whole++;
	}
	return whole;
}

/* The kernel's own way around page protection (as ptrace has it). */
static int can_force_a_write(void *address)
{
	int fd = open("/proc/self/mem", O_RDWR);
	char byte = 1;
	int r = fd >= 0 && pwrite(fd, &byte, 1, (off_t)(unsigned long)address) == 1;

	close(fd);
	return r;
}

int test_map(char **arguments, int count)
{
	const char *path = arguments[0];
	int fd = open_ring(path);
	size_t bytes;
	const struct rmvisor_trace_map *map = map_ring(fd, &bytes);

	(void)count;
	if (read_by_map(map) == 0)
		return fail("no record");
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED)
		return fail("a shared mapping for writing");
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) != MAP_FAILED)
		return fail("a private mapping for writing");
	if (mmap(NULL, 2 * bytes, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED)
		return fail("a mapping beyond the ring");
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096) != MAP_FAILED)
		return fail("a mapping from the middle");
	if (mprotect((void *)map, bytes, PROT_READ | PROT_WRITE) == 0)
		return fail("mprotect for writing");
	if (mprotect((void *)map, bytes, PROT_READ | PROT_EXEC) == 0)
		return fail("mprotect for execution");
	if (can_force_a_write((void *)map))
		return fail("a write by /proc/self/mem");
	if (write(fd, map, 64) >= 0)
		return fail("a write");
	return 0;
}

int test_retired(char **arguments, int count)
{
	const char *path = arguments[0], *size_file = arguments[1], *kilobytes = arguments[2];
	int fd = open_ring(path);
	size_t bytes;
	const struct rmvisor_trace_map *map = map_ring(fd, &bytes), *next;
	FILE *file = fopen(size_file, "w");
	unsigned long long head;

	(void)count;
	if (!file || fprintf(file, "%s\n", kilobytes) < 0 || fclose(file))
		return fail(size_file);
	if (!__atomic_load_n(&map->retired, __ATOMIC_ACQUIRE))
		return fail("the old ring is not retired");
	head = map->head;
	next = map_ring(fd, &bytes);
	if (next->retired || next->records != strtoul(kilobytes, NULL, 0) * 16)
		return fail("the new ring");
	usleep(200000);
	read_by_map(map);
	if (map->head != head || next->head < head)
		return fail("the old ring lives, or the new one counts anew");
	return 0;
}
