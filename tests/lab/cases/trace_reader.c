// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers of the trace, one by its first argument:
 *
 *   map FILE           reads the ring by mmap as the ABI header says; what the mapping must refuse
 *   retired FILE KB    maps, has buffer_size_kb written, finds the ring retired and maps anew
 *   count SECONDS FILES...
 *                      reads all of them all the time; at the end each must have had as many records
 *                      and losses as the ring's head says
 *
 * Exit status 0: all is as it should be; else one line says what is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/rmvisor.h>

#define MOST_FILES 64
#define CHUNK 1024

static int fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

static int open_ring(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		exit(fail(path));
	return fd;
}

static const struct rmvisor_trace_map *map_ring(int fd, size_t *bytes)
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

/* The records that are there, by the rule of the ABI header. */
static unsigned long read_by_map(const struct rmvisor_trace_map *map)
{
	const struct rmvisor_trace_record *ring = (const void *)((const char *)map + map->data_offset);
	unsigned long long head = __atomic_load_n(&map->head, __ATOMIC_ACQUIRE), i, last = 0;
	unsigned long whole = 0;

	for (i = head > map->records ? head - map->records : 0; i < head; i++) {
		struct rmvisor_trace_record record = ring[i % map->records];

		if (i < map->first ||
		    __atomic_load_n(&map->head, __ATOMIC_ACQUIRE) >= i + map->records)
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

static int test_map(const char *path)
{
	int fd = open_ring(path);
	size_t bytes;
	const struct rmvisor_trace_map *map = map_ring(fd, &bytes);

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
	if (can_force_a_write((void *)map))
		return fail("a write by /proc/self/mem");
	if (write(fd, map, 64) >= 0)
		return fail("a write");
	return 0;
}

static int test_retired(const char *path, const char *size_file, const char *kilobytes)
{
	int fd = open_ring(path);
	size_t bytes;
	const struct rmvisor_trace_map *map = map_ring(fd, &bytes), *next;
	FILE *file = fopen(size_file, "w");
	unsigned long long head;

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
		r->first = __atomic_load_n(&r->map->head, __ATOMIC_ACQUIRE);
		while (read_more(r) > 0)
			;
	} while (r->first != __atomic_load_n(&r->map->head, __ATOMIC_ACQUIRE));
	r->records = r->lost = 0;
}

static int sums_are_right(struct reader *r)
{
	unsigned long long before = __atomic_load_n(&r->map->head, __ATOMIC_ACQUIRE), after, all;

	while (read_more(r) > 0)
		;
	after = __atomic_load_n(&r->map->head, __ATOMIC_ACQUIRE);
	all = r->first + r->records + r->lost;
	printf("cpu%u: %llu records, %llu lost\n", r->map->cpu, r->records, r->lost);
	return all >= before && all <= after;
}

static int test_count(unsigned int seconds, char **paths, int count)
{
	static struct reader readers[MOST_FILES];
	time_t end = time(NULL) + seconds;
	int i, bad = 0;

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

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "map"))
		return test_map(argv[2]);
	if (argc == 5 && !strcmp(argv[1], "retired"))
		return test_retired(argv[2], argv[3], argv[4]);
	if (argc > 3 && !strcmp(argv[1], "count"))
		return test_count((unsigned int)atoi(argv[2]), argv + 3, argc - 3);
	fprintf(stderr, "see the head of trace_reader.c\n");
	return 2;
}
