// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exact.h"

/* NUMBER_MIX */
asm(".globl make_exits, numbered_cpuid\n"
    "make_exits:\n"
    "	push	%rbx\n"
    "	xor	%esi, %esi\n"
    "1:	inc	%esi\n"
    "	mov	%esi, %ecx\n"
    "	imul	$0x9e3779b1, %esi, %edx\n"
    "	xor	%eax, %eax\n"
    "numbered_cpuid:\n"
    "	cpuid\n"
    "	cmp	%edi, %esi\n"
    "	jne	1b\n"
    "	pop	%rbx\n"
    "	ret\n");

static pid_t fork_or_end(void)
{
	pid_t pid = fork();

	if (pid < 0)
		exit(fail("fork"));
	return pid;
}

pid_t start_exits(unsigned int cpu, unsigned int exits)
{
	pid_t pid = fork_or_end();
	cpu_set_t set;

	if (pid)
		return pid;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		exit(fail("sched_setaffinity"));
	make_exits(exits);
	_exit(0);
}

pid_t start_command(char **command)
{
	pid_t pid = fork_or_end();

	if (pid)
		return pid;
	execvp(command[0], command);
	exit(fail(command[0]));
}
