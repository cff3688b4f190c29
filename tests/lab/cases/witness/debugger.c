// SPDX-License-Identifier: GPL-2.0-only
// What a debugger sees of a child: every single step, and hardware breakpoints.
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "witness.h"

volatile int watched;

enum { ROUNDS = 3, STEPS = 5000 };

/* DR7: enable bit of a register, and its condition. */
enum condition { EXECUTE = 0, WRITE = 1, READ_WRITE = 3 };

static unsigned long dr7(int index, enum condition condition, int length)
{
	return 1ul << (2 * index) | (unsigned long)(condition | (length - 1) << 2) << (16 + 4 * index);
}

static long set_debug_register(pid_t child, int index, unsigned long value)
{
	return ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[index]), value);
}

static pid_t start_child(void)
{
	pid_t child = fork();

	if (child == 0) {
		signal(SIGTRAP, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		for (int i = 0; i < ROUNDS; i++)
			step_target();
		_exit(0);
	}
	waitpid(child, NULL, 0);
	return child;
}

static const char *place(unsigned long rip, char *text)
{
	sprintf(text, "+%lu", rip - (unsigned long)step_target);
	return text;
}

/* Lets the child go on until it ends; each trap is a line. */
static void show_traps(pid_t child, const char *what)
{
	struct user_regs_struct registers;
	char text[32];
	int status, count = 0;

	while (ptrace(PTRACE_CONT, child, 0, 0) == 0 && waitpid(child, &status, 0) == child &&
	       WIFSTOPPED(status) && ++count < STEPS) {
		long dr6 = ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, u_debugreg[6]), 0);

		ptrace(PTRACE_GETREGS, child, 0, &registers);
		printf("%s signal %d at %s dr6 %lx\n", what, WSTOPSIG(status),
		       place(registers.rip, text), dr6 & 0xe00f);
		set_debug_register(child, 6, 0);
	}
	printf("%s %d traps, status %x\n", what, count, status);
}

static void show_breakpoint(const char *what, const void *address, enum condition condition,
			    int length)
{
	pid_t child = start_child();

	if (set_debug_register(child, 0, (unsigned long)address) ||
	    set_debug_register(child, 7, dr7(0, condition, length)))
		printf("%s can't be set\n", what);
	show_traps(child, what);
}

/* Two at once: the one on CPUID must not hide the one behind it. */
static void show_neighbours(void)
{
	pid_t child = start_child();

	set_debug_register(child, 0, (unsigned long)break_on_cpuid);
	set_debug_register(child, 3, (unsigned long)break_after_cpuid);
	set_debug_register(child, 7, dr7(0, EXECUTE, 1) | dr7(3, EXECUTE, 1));
	show_traps(child, "neighbours");
}

static int inside(unsigned long rip)
{
	return rip >= (unsigned long)step_target && rip <= (unsigned long)step_target_end;
}

/* Each step inside the target; the way there is the C library's and not compared. */
static void show_steps(const char *what, int request)
{
	struct user_regs_struct registers;
	pid_t child = start_child();
	char text[32];
	int status = 0, entered = 0;

	for (int i = 0; i < STEPS; i++) {
		ptrace(PTRACE_GETREGS, child, 0, &registers);
		if (inside(registers.rip))
			printf("%s at %s\n", what, place(registers.rip, text));
		else if (entered)
			break;
		entered |= inside(registers.rip);
		if (ptrace(request, child, 0, 0) || waitpid(child, &status, 0) != child ||
		    !WIFSTOPPED(status))
			break;
	}
	printf("%s %s\n", what, entered ? "went through" : "did not get there");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
}

void show_debugger(int execute_breakpoints)
{
	show_steps("step", PTRACE_SINGLESTEP);
	show_steps("block", PTRACE_SINGLEBLOCK);
	show_breakpoint("write", (const void *)&watched, WRITE, 4);
	if (!execute_breakpoints) {
		puts("execute not tried");
		return;
	}
	show_breakpoint("execute", (const void *)step_target, EXECUTE, 1);
	show_breakpoint("after-cpuid", break_after_cpuid, EXECUTE, 1);
	show_neighbours();
}
