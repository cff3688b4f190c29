/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of trace_reader share.
 */
#pragma once

#include <stddef.h>

#include <linux/rmvisor.h>

/* Prints what is wrong, and what errno says; returns 1. */
int fail(const char *what);
/* Ends the program if it can't. */
int open_ring(const char *path);
const struct rmvisor_trace_map *map_ring(int fd, size_t *bytes);

static inline unsigned long long head_of(const struct rmvisor_trace_map *map)
{
	return __atomic_load_n(&map->head, __ATOMIC_ACQUIRE);
}

/* The slot of record `index`. */
static inline const struct rmvisor_trace_record *slot_of(const struct rmvisor_trace_map *map,
							  unsigned long long index)
{
	const struct rmvisor_trace_record *ring = (const void *)((const char *)map + map->data_offset);

	return &ring[index % map->records];
}

/* One for each first argument; `arguments` are those behind it. */
int test_map(char **arguments, int count);
int test_retired(char **arguments, int count);
int test_count(char **arguments, int count);
int test_exact(char **arguments, int count);
int test_pipe(char **arguments, int count);
int test_quick(char **arguments, int count);

/* Tries all that a reader must not be able to do until SIGTERM; its exit status is 0 if it could not. */
void be_hostile(const char *path) __attribute__((noreturn));
