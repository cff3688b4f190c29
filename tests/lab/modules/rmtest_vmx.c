// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX instructions from CPL 0, and an XSETBV of XCR0 = 0: which exception each
 * of them raises here. On a CPU outside VMX operation it is #UD, for XSETBV #GP.
 */
#include <linux/module.h>
#include <linux/preempt.h>
#include <asm/asm.h>

#include "rmtest.h"

static u64 operand[2] __aligned(16);

/* The vector of what `text` raises after `before`, or -1. RAX is the address of 16 zeroed bytes. */
#define RAISES_AFTER(name, before, text)                                      \
	static int raises_##name(void)                                        \
	{                                                                     \
		unsigned long result = (unsigned long)operand;                \
									      \
		asm volatile(before "\n"                                      \
			     "1: " text "\n"                                  \
			     "mov $-1, %%rax\n"                               \
			     "2:\n"                                           \
			     _ASM_EXTABLE_FAULT(1b, 2b)                       \
			     : "+a" (result) : : "rcx", "rdx", "memory", "cc"); \
		return (int)result;                                           \
	}
#define RAISES(name, text) RAISES_AFTER(name, "", text)

RAISES(vmcall, "vmcall")
RAISES(vmclear, "vmclear (%%rax)")
RAISES(vmlaunch, "vmlaunch")
RAISES(vmptrld, "vmptrld (%%rax)")
RAISES(vmptrst, "vmptrst (%%rax)")
RAISES(vmread, "vmread %%rax, %%rcx")
RAISES(vmresume, "vmresume")
RAISES(vmwrite, "vmwrite %%rax, %%rax")
RAISES(vmxoff, "vmxoff")
RAISES(vmxon, "vmxon (%%rax)")
RAISES(invept, "invept (%%rax), %%rax")
RAISES(invvpid, "invvpid (%%rax), %%rax")
RAISES(vmfunc, "vmfunc")
RAISES(getsec, "getsec")
RAISES_AFTER(xsetbv, "xor %%eax, %%eax; xor %%ecx, %%ecx; xor %%edx, %%edx", "xsetbv")

static const struct {
	const char *name;
	int (*raises)(void);
} instructions[] = {
	{ "vmcall", raises_vmcall },	 { "vmclear", raises_vmclear },
	{ "vmlaunch", raises_vmlaunch }, { "vmptrld", raises_vmptrld },
	{ "vmptrst", raises_vmptrst },	 { "vmread", raises_vmread },
	{ "vmresume", raises_vmresume }, { "vmwrite", raises_vmwrite },
	{ "vmxoff", raises_vmxoff },	 { "vmxon", raises_vmxon },
	{ "invept", raises_invept },	 { "invvpid", raises_invvpid },
	{ "vmfunc", raises_vmfunc },	 { "getsec", raises_getsec },
	{ "xsetbv", raises_xsetbv },
};

static int vmx_show(struct seq_file *file, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(instructions); i++)
		seq_printf(file, "%s %d\n", instructions[i].name, instructions[i].raises());
	return 0;
}

static int vmx_open(struct inode *inode, struct file *file)
{
	return single_open(file, vmx_show, NULL);
}

const struct file_operations vmx_fops = {
	.owner = THIS_MODULE,
	.open = vmx_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
