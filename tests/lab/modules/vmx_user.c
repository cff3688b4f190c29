// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX instructions from CPL 3: which signal each of them raises, one a line.
 * SIGILL (4) is what a CPU outside VMX operation gives.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static sigjmp_buf back;
static char operand[16] __attribute__((aligned(16)));

static void on_signal(int number)
{
	siglongjmp(back, number);
}

#define INSTRUCTION(name, text)                                                      \
	static void do_##name(void)                                                  \
	{                                                                            \
		__asm__ volatile(text : : "a" (operand) : "rcx", "memory", "cc");    \
	}

INSTRUCTION(vmcall, "vmcall")
INSTRUCTION(vmclear, "vmclear (%%rax)")
INSTRUCTION(vmlaunch, "vmlaunch")
INSTRUCTION(vmptrld, "vmptrld (%%rax)")
INSTRUCTION(vmptrst, "vmptrst (%%rax)")
INSTRUCTION(vmread, "vmread %%rax, %%rcx")
INSTRUCTION(vmresume, "vmresume")
INSTRUCTION(vmwrite, "vmwrite %%rax, %%rax")
INSTRUCTION(vmxoff, "vmxoff")
INSTRUCTION(vmxon, "vmxon (%%rax)")
INSTRUCTION(invept, "invept (%%rax), %%rax")
INSTRUCTION(invvpid, "invvpid (%%rax), %%rax")
INSTRUCTION(vmfunc, "vmfunc")
INSTRUCTION(getsec, "getsec")

static const struct {
	const char *name;
	void (*run)(void);
} instructions[] = {
	{ "vmcall", do_vmcall },     { "vmclear", do_vmclear },	  { "vmlaunch", do_vmlaunch },
	{ "vmptrld", do_vmptrld },   { "vmptrst", do_vmptrst },	  { "vmread", do_vmread },
	{ "vmresume", do_vmresume }, { "vmwrite", do_vmwrite },	  { "vmxoff", do_vmxoff },
	{ "vmxon", do_vmxon },	     { "invept", do_invept },	  { "invvpid", do_invvpid },
	{ "vmfunc", do_vmfunc },     { "getsec", do_getsec },
};

static int signal_of(void (*run)(void))
{
	int number = sigsetjmp(back, 1);

	if (number)
		return number;
	run();
	return 0;
}

int main(void)
{
	size_t i;

	signal(SIGILL, on_signal);
	signal(SIGSEGV, on_signal);
	signal(SIGTRAP, on_signal);
	for (i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
		printf("%s %d\n", instructions[i].name, signal_of(instructions[i].run));
	return 0;
}
