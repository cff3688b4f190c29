// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exact.h"

static unsigned int member(const char *line, const char *name)
{
	const char *place = strstr(line, name);
	unsigned int value;

	if (!place || sscanf(place + strlen(name), "%x", &value) != 1) {
		printf("no%s in: %s\n", name, line);
		exit(1);
	}
	return value;
}

static void check_line(const char *line, struct pipe_result *result)
{
	unsigned long long tsc, lost;
	struct sequence *s;
	unsigned int cpu;

	if (sscanf(line, "%u %*s %llu", &cpu, &tsc) != 2 || cpu >= 64) {
		printf("not a record's line: %s\n", line);
		exit(1);
	}
	s = &result->sequences[cpu];
	if (sscanf(line, "%*u %*s %*u LOST %llu", &lost) == 1)
		check_lost(s, lost);
	else
		check_number(s, member(line, " cx="), member(line, " dx="), tsc);
}

void read_pipe(int fd, struct pipe_result *result)
{
	static char text[16384 + 1];
	static size_t kept;
	ssize_t bytes;
	char *line, *end;

	while ((bytes = read(fd, text + kept, sizeof(text) - 1 - kept)) > 0) {
		text[kept + (size_t)bytes] = 0;
		for (line = text; (end = strchr(line, '\n')); line = end + 1) {
			*end = 0;
			check_line(line, result);
		}
		kept = strlen(line);
		memmove(text, line, kept);
	}
	if (bytes == 0 || errno != EAGAIN)
		exit(fail("trace_pipe"));
}
