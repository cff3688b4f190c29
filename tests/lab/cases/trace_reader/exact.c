// SPDX-License-Identifier: GPL-2.0-only
/*
 * exact raw|pipe FOLDER EXITS CPU GUEST_EXITS COMMAND...
 *
 * Each CPU but CPU makes EXITS numbered exits, all at once; COMMAND runs a guest on CPU that makes
 * GUEST_EXITS of them (tests/guests/numbered.asm). While they do:
 *
 *   raw    each ring is read by read(2), and by a mapping, and a third process tries to write to it
 *   pipe   the text of trace_pipe is read
 *
 * At the end every exit was seen once, whole and in its place, or is known to be lost.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exact.h"

#define MOST_CPUS 64
#define CHUNK 512

struct traced {
	int fd;
	const struct rmvisor_trace_map *map;
	unsigned long long first, dropped;	/* as they were */
	unsigned long long next;		/* index that the mapping is read at */
	unsigned int exits;
	pid_t maker;
	struct sequence read, mapped;
};

static struct traced all[MOST_CPUS];
static int cpus;
static const char *folder;
static struct pipe_result pipe_result;

static void path_of(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
	char path[256];
	int fd;

	path_of(path, sizeof(path), name);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd))
		exit(fail(path));
}

/* Of Linux only what make_exits() does. */
static void keep_numbered_only(void)
{
	char filter[128];

	snprintf(filter, sizeof(filter), "reason == cpuid && (vm != 0 || rip == %#lx)\n",
		 (unsigned long)numbered_cpuid);
	write_file("filter", filter);
	write_file("trace", "");
}

static void read_more(struct traced *t)
{
	static struct rmvisor_trace_record records[CHUNK];
	ssize_t bytes, i;

	do {
		bytes = read(t->fd, records, sizeof(records));
		for (i = 0; i < bytes / (ssize_t)sizeof(records[0]); i++)
			check_next(&t->read, &records[i]);
	} while (bytes == sizeof(records));
	if (bytes < 0)
		exit(fail("trace_raw"));
}

/* By the rule of the ABI header. */
static void read_mapped(struct traced *t)
{
	unsigned long long head = head_of(t->map), lost = 0;
	struct rmvisor_trace_record record;

	for (; t->next < head; t->next++) {
		if (t->next + t->map->records <= head_of(t->map)) {
			lost++;
			continue;
		}
		record = *slot_of(t->map, t->next);
		if (t->next + t->map->records <= head_of(t->map)) {
			lost++;
			continue;
		}
		if (lost)
			check_lost(&t->mapped, lost);
		lost = 0;
		check_next(&t->mapped, &record);
	}
	if (lost)
		check_lost(&t->mapped, lost);
}

static void begin(struct traced *t, unsigned int cpu)
{
	static struct rmvisor_trace_record records[CHUNK];
	char name[64], path[256];
	size_t bytes;

	snprintf(name, sizeof(name), "per_cpu/cpu%u/trace_raw", cpu);
	path_of(path, sizeof(path), name);
	t->fd = open_ring(path);
	t->map = map_ring(t->fd, &bytes);
	while (read(t->fd, records, sizeof(records)) > 0)
		;
	t->first = t->next = head_of(t->map);
	t->dropped = t->map->dropped;
	t->read.cpu = t->mapped.cpu = pipe_result.sequences[cpu].cpu = cpu;
}

static bool has_ended(struct traced *t)
{
	int status;

	if (!t->maker)
		return true;
	if (waitpid(t->maker, &status, WNOHANG) != t->maker)
		return false;
	t->maker = 0;
	if (status) {
		printf("cpu%u: its exits ended with status %#x\n", t->read.cpu, status);
		exit(1);
	}
	return true;
}

static bool have_ended(void)
{
	bool ended = true;
	int i;

	for (i = 0; i < cpus; i++)
		ended = has_ended(&all[i]) && ended;
	return ended;
}

static void read_raw(void)
{
	int i;

	for (i = 0; i < cpus; i++) {
		read_more(&all[i]);
		read_mapped(&all[i]);
	}
}

static bool raw_is_exact(void)
{
	bool exact = true;
	int i;

	for (i = 0; i < cpus; i++) {
		struct traced *t = &all[i];

		exact = all_seen(&t->read, t->exits, 0) && exact;
		exact = all_seen(&t->mapped, t->exits, 0) && exact;
		exact = head_of(t->map) - t->first == t->exits && exact;
	}
	return exact;
}

/* Where full rings stop, losses at the end are told by the map alone. */
static bool pipe_is_exact(void)
{
	bool exact = true;
	int i;

	for (i = 0; i < cpus; i++) {
		struct sequence *s = &pipe_result.sequences[i];
		unsigned long long dropped = all[i].map->dropped - all[i].dropped;

		exact = all_seen(s, all[i].exits, dropped > s->lost ? dropped - s->lost : 0) && exact;
	}
	return exact;
}

static bool end_hostile(pid_t pid)
{
	int status;

	kill(pid, SIGTERM);
	if (waitpid(pid, &status, 0) == pid && status == 0)
		return true;
	printf("the hostile reader ends with status %#x\n", status);
	return false;
}

static bool run_raw(void)
{
	char path[256];
	bool last;
	pid_t hostile;

	path_of(path, sizeof(path), "per_cpu/cpu0/trace_raw");
	hostile = fork();
	if (hostile == 0)
		be_hostile(path);
	do {
		last = have_ended();
		read_raw();
	} while (!last);
	return hostile > 0 && end_hostile(hostile) && raw_is_exact();
}

static bool run_pipe(void)
{
	char path[256];
	bool last;
	int fd;

	path_of(path, sizeof(path), "trace_pipe");
	fd = open(path, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		exit(fail(path));
	do {
		last = have_ended();
		read_pipe(fd, &pipe_result);
	} while (!last);
	return pipe_is_exact();
}

int test_exact(char **arguments, int count)
{
	unsigned int guest_cpu = (unsigned int)atoi(arguments[3]);
	bool raw = !strcmp(arguments[0], "raw"), exact;
	int i;

	(void)count;
	folder = arguments[1];
	cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	keep_numbered_only();
	for (i = 0; i < cpus; i++)
		begin(&all[i], (unsigned int)i);
	fflush(stdout);
	for (i = 0; i < cpus; i++) {
		bool guest = (unsigned int)i == guest_cpu;

		all[i].exits = (unsigned int)atoi(arguments[guest ? 4 : 2]);
		all[i].maker = guest ? start_command(arguments + 5) :
				       start_exits((unsigned int)i, all[i].exits);
	}
	exact = raw ? run_raw() : run_pipe();
	write_file("filter", "0\n");
	return exact ? 0 : fail("records and losses are not the exits that were made");
}
