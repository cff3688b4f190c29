// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace_pipe, to be run while nothing else uses it: what a reader may ask of a file that blocks.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exact.h"

#define EXITS 200 /* fewer than the smallest ring of the case has records */

static char pipe_path[256];

static int open_pipe(int flags)
{
	int fd = open(pipe_path, O_RDONLY | flags);

	if (fd < 0)
		exit(fail(pipe_path));
	return fd;
}

static void use_cpuid(void)
{
	unsigned int a, b, c, d;

	__cpuid(0, a, b, c, d);
}

static int drain(int fd)
{
	char text[4096];

	while (read(fd, text, sizeof(text)) > 0)
		;
	return errno == EAGAIN;
}

/* Whether poll says that there is something, within so many ms. */
static int is_ready(int fd, int ms)
{
	struct pollfd file = { .fd = fd, .events = POLLIN };
	int r = poll(&file, 1, ms);

	return r == 1 && (file.revents & POLLIN);
}

static int empty_pipe(int fd)
{
	char byte;

	if (!drain(fd) || read(fd, &byte, 1) != -1 || errno != EAGAIN)
		return fail("an empty trace_pipe and O_NONBLOCK");
	if (is_ready(fd, 0) || is_ready(fd, 100))
		return fail("poll finds something where nothing is");
	if (read(fd, &byte, 0) != 0)
		return fail("a read of no bytes");
	if (lseek(fd, 0, SEEK_SET) != -1 || errno != ESPIPE)
		return fail("lseek");
	if (write(fd, "0", 1) != -1)
		return fail("a write");
	return 0;
}

/* A poll that waits is woken by an exit. */
static int poll_wakes(int fd)
{
	pid_t maker = fork();

	if (maker == 0) {
		usleep(200000);
		use_cpuid();
		_exit(0);
	}
	if (!is_ready(fd, 20000))
		return fail("poll is not woken");
	waitpid(maker, NULL, 0);
	return drain(fd) ? 0 : fail("what poll has found");
}

/* A line that does not fit is given in pieces, to the same reader. */
static int small_buffers(int fd)
{
	char line[512];
	size_t length = 0;

	use_cpuid();
	while (length < sizeof(line) - 1 && read(fd, line + length, 1) == 1)
		if (line[length++] == '\n')
			break;
	line[length] = 0;
	if (!strstr(line, " CPUID ") || line[length - 1] != '\n')
		return fail(line);
	return drain(fd) ? 0 : fail("after a line in pieces");
}

static int bad_buffer(int fd)
{
	void *nothing = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	use_cpuid();
	if (read(fd, nothing, 512) != -1 || errno != EFAULT)
		return fail("a buffer that is not there");
	return drain(fd) ? 0 : fail("after a bad buffer");
}

/* Reads until the other end of `stop` is closed; writes how many whole lines it had to `out`. */
static void count_lines(int stop, int out)
{
	int fd = open_pipe(O_NONBLOCK), ended = 0, lines = 0;
	char text[333], last = '\n';
	ssize_t bytes, i;

	while (!ended) {
		struct pollfd files[2] = { { .fd = fd, .events = POLLIN },
					   { .fd = stop, .events = POLLIN } };

		if (poll(files, 2, -1) < 0)
			_exit(1);
		ended = files[1].revents != 0 && !(files[0].revents & POLLIN);
		while ((bytes = read(fd, text, sizeof(text))) > 0) {
			for (i = 0; i < bytes; i++)
				lines += text[i] == '\n';
			last = text[bytes - 1];
		}
	}
	_exit(last != '\n' || write(out, &lines, sizeof(lines)) != sizeof(lines));
}

/* Three readers that poll: each line comes to one of them, whole. */
static int several_readers(void)
{
	int stop[2], out[2], i, lines, sum = 0, status, bad = 0;

	if (pipe(stop) || pipe(out))
		return fail("pipe");
	for (i = 0; i < 3; i++) {
		if (fork() == 0) {
			close(stop[1]);
			count_lines(stop[0], out[1]);
		}
	}
	usleep(100000);
	for (i = 0; i < EXITS; i++)
		use_cpuid();
	usleep(300000);
	close(stop[1]);
	for (i = 0; i < 3; i++) {
		wait(&status);
		bad |= status;
		if (!bad && read(out[0], &lines, sizeof(lines)) == sizeof(lines)) {
			printf("a reader had %d lines\n", lines);
			sum += lines;
		}
	}
	return sum == EXITS && !bad ? 0 : fail("several readers have not all lines");
}

int test_pipe(char **arguments, int count)
{
	int fd;

	(void)count;
	snprintf(pipe_path, sizeof(pipe_path), "%s/trace_pipe", arguments[0]);
	fd = open_pipe(O_NONBLOCK);
	return empty_pipe(fd) || poll_wakes(fd) || small_buffers(fd) || bad_buffer(fd) ||
	       several_readers();
}
