// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reader that means ill: every way by which a process can have something written to its memory,
 * tried on a mapping of the ring, at random places, as long as records are written to it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "reader.h"

static volatile sig_atomic_t ended;
static int zero_file, memory_file;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static int by_read(char *place)
{
	return read(zero_file, place, 64) > 0;
}

static int by_own_memory(char *place)
{
	return pwrite(memory_file, "x", 1, (off_t)(unsigned long)place) > 0;
}

static int by_vm_writev(char *place)
{
	struct iovec from = { "abcdefgh", 8 }, to = { place, 8 };

	return process_vm_writev(getpid(), &from, 1, &to, 1, 0) > 0;
}

static int by_mprotect(char *place)
{
	return !mprotect((void *)((unsigned long)place & ~4095ul), 4096, PROT_READ | PROT_WRITE);
}

static int by_execution(char *place)
{
	return !mprotect((void *)((unsigned long)place & ~4095ul), 4096, PROT_READ | PROT_EXEC);
}

/* The kernel may do these; they must change nothing. */
static int by_advice(char *place)
{
	static const int advice[] = { MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_COLD, MADV_PAGEOUT };
	size_t i;

	for (i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
		madvise((void *)((unsigned long)place & ~4095ul), 4096, advice[i]);
	msync((void *)((unsigned long)place & ~4095ul), 4096, MS_SYNC | MS_INVALIDATE);
	return 0;
}

static int by_growing(char *place)
{
	return mremap((void *)((unsigned long)place & ~4095ul), 4096, 1 << 24, MREMAP_MAYMOVE) !=
	       MAP_FAILED;
}

static const struct {
	const char *name;
	int (*can)(char *place);
} ways[] = {
	{ "read() into it", by_read },
	{ "/proc/self/mem", by_own_memory },
	{ "process_vm_writev()", by_vm_writev },
	{ "mprotect() for writing", by_mprotect },
	{ "mprotect() for execution", by_execution },
	{ "madvise()", by_advice },
	{ "mremap() to more", by_growing },
};

void be_hostile(const char *path)
{
	const struct rmvisor_trace_map *map;
	unsigned long long index, head;
	unsigned int tries = 0;
	size_t bytes;
	int ring;

	signal(SIGTERM, end);
	zero_file = open_ring("/dev/zero");
	memory_file = open("/proc/self/mem", O_RDWR);
	if (memory_file < 0)
		exit(fail("/proc/self/mem"));
	ring = open_ring(path);
	map = map_ring(ring, &bytes);
	/* All at least once, whenever SIGTERM comes. */
	for (; !ended || tries < 7; tries++) {
		size_t way = tries % (sizeof(ways) / sizeof(ways[0]));
		char *place = (char *)map + ((size_t)rand() * 64 + rand()) % bytes;

		if (ways[way].can(place))
			exit(fail(ways[way].name));
		if (tries % 64 == 63)
			usleep(1000);
	}
	/* Which pages that mapping still has is nobody's business but its own. */
	map = map_ring(ring, &bytes);
	head = head_of(map);
	index = head > map->records ? head - map->records + 1 : 0;
	for (index = index > map->first ? index : map->first; index < head; index++)
		if (slot_of(map, index)->cpu != map->cpu || !slot_of(map, index)->type)
			exit(fail("the ring has changed"));
	exit(0);
}
