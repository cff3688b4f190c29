// SPDX-License-Identifier: GPL-2.0-only
// What instructions at CPL 3 lead to: nothing, or a signal with its details.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>

#include "witness.h"

enum { TRAP_FLAG = 0x100, ALIGNMENT_CHECK = 0x40000 };

static sigjmp_buf back;
static volatile struct {
	int signal, code;
	long vector, error, offset;
} seen;
static uintptr_t start;

static void on_signal(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	seen.signal = number;
	seen.code = info->si_code;
	seen.vector = registers[REG_TRAPNO];
	seen.error = registers[REG_ERR];
	seen.offset = registers[REG_RIP] - start;
	siglongjmp(back, 1);
}

static void catch_signals(void)
{
	static const int signals[] = {SIGILL, SIGTRAP, SIGFPE, SIGSEGV, SIGBUS, SIGSYS};
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

static void clear_flags(void)
{
	asm volatile("pushfq; andl %0, (%%rsp); popfq"
		     : : "i"(~(TRAP_FLAG | ALIGNMENT_CHECK)) : "memory", "cc");
}

/* Not inlined: the jump back must not meet variables that the compiler kept in registers. */
static __attribute__((noinline)) void show_fault(const struct stub *stub)
{
	if (sigsetjmp(back, 1) == 0) {
		start = (uintptr_t)stub->run;
		stub->run();
		clear_flags();
		printf("%s runs\n", stub->name);
		return;
	}
	clear_flags();
	printf("%s signal %d code %d vector %ld error %lx at +%ld\n", stub->name, seen.signal,
	       seen.code, seen.vector, seen.error, seen.offset);
}

void show_faults(void)
{
	catch_signals();
	for (const struct stub *stub = stubs; stub->name; stub++)
		show_fault(stub);
}
