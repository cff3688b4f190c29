/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a client of KVM's API begins with; whatever fails ends the program.
 * kvm_client.c, which is to be read alone, has its own.
 */
#pragma once

#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static inline int call(int fd, unsigned long request, void *argument, const char *name)
{
	int result = ioctl(fd, request, argument);

	if (result < 0)
		err(1, "%s", name);
	return result;
}

#define CALL(fd, request, argument) call(fd, request, (void *)(uintptr_t)(argument), #request)

/* Shared memory: of @fd, or new if that is negative. */
static inline void *map(size_t size, int fd)
{
	int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	return memory;
}
