// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the registers of each CPU hold that VMX saves, loads or changes, to be
 * compared before, during and after a load of rmvisor.
 */
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/workqueue.h>
#include <asm/desc.h>
#include <asm/fpu/xcr.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/special_insns.h>

#include "rmtest.h"

static const struct {
	const char *name;
	u32 number;
} msrs[] = {
	{ "TSC_AUX", 0xc0000103 },
	{ "PAT", 0x277 },
	{ "EFER", 0xc0000080 },
	{ "DEBUGCTL", 0x1d9 },
	{ "SYSENTER_CS", 0x174 },
	{ "SYSENTER_ESP", 0x175 },
	{ "SYSENTER_EIP", 0x176 },
	{ "STAR", 0xc0000081 },
	{ "LSTAR", 0xc0000082 },
	{ "CSTAR", 0xc0000083 },
	{ "FMASK", 0xc0000084 },
	{ "FS_BASE", 0xc0000100 },
	{ "GS_BASE", 0xc0000101 },
	{ "APIC_BASE", 0x1b },
	{ "MISC_ENABLE", 0x1a0 },
	{ "XSS", 0xda0 },
	{ "S_CET", 0x6a2 },
	{ "PERF_GLOBAL_CTRL", 0x38f },
};

/* One CPU at a time, under the file's lock. */
struct state {
	struct work_struct work;
	struct seq_file *file;
};

static unsigned long selector_limit(u16 selector)
{
	unsigned long limit = 0;

	asm volatile("lsl %1, %0" : "+r" (limit) : "r" ((unsigned long)selector) : "cc");
	return limit;
}

static void show_segments(struct seq_file *file)
{
	u16 selector;

	store_tr(selector);
	seq_printf(file, " TR %x/%lx", selector, selector_limit(selector));
	store_ldt(selector);
	seq_printf(file, " LDTR %x", selector);
#define SHOW_SEGMENT(name)                                                    \
	do {                                                                  \
		asm volatile("mov %%" #name ", %0" : "=r" (selector));        \
		seq_printf(file, " " #name " %x", selector);                  \
	} while (0)
	SHOW_SEGMENT(cs);
	/* Not SS: null since an interrupt of a program, or Linux's own, as it comes. */
	SHOW_SEGMENT(ds);
	SHOW_SEGMENT(es);
	SHOW_SEGMENT(fs);
	SHOW_SEGMENT(gs);
}

static void show_tables(struct seq_file *file)
{
	struct desc_ptr table;

	native_store_gdt(&table);
	seq_printf(file, " GDT %lx/%x", table.address, table.size);
	store_idt(&table);
	seq_printf(file, " IDT %lx/%x", table.address, table.size);
}

static void show_control_registers(struct seq_file *file)
{
	unsigned long value;

	asm volatile("mov %%cr0, %0" : "=r" (value));
	seq_printf(file, " CR0 %lx", value);
	asm volatile("mov %%cr4, %0" : "=r" (value));
	seq_printf(file, " CR4 %lx", value);
	asm volatile("mov %%dr7, %0" : "=r" (value));
	seq_printf(file, " DR7 %lx", value);
	asm volatile("mov %%dr6, %0" : "=r" (value));
	seq_printf(file, " DR6 %lx", value);
	if (boot_cpu_has(X86_FEATURE_OSXSAVE))
		seq_printf(file, " XCR0 %llx", xgetbv(0));
}

/* CPUID mirrors CR4.OSXSAVE: "0" where it is clear, "1" where it is set. */
static void show_osxsave(struct seq_file *file)
{
	unsigned long cr4;
	u32 bit = BIT(X86_FEATURE_OSXSAVE % 32), clear;

	asm volatile("mov %%cr4, %0" : "=r" (cr4));
	if (!(cr4 & X86_CR4_OSXSAVE))
		return;
	asm volatile("mov %0, %%cr4" : : "r" (cr4 & ~X86_CR4_OSXSAVE) : "memory");
	clear = cpuid_ecx(1) & bit;
	asm volatile("mov %0, %%cr4" : : "r" (cr4) : "memory");
	seq_printf(file, " OSXSAVE %d%d", !!clear, !!(cpuid_ecx(1) & bit));
}

static void show_msrs(struct seq_file *file)
{
	u64 value;
	int i;

	for (i = 0; i < ARRAY_SIZE(msrs); i++)
		if (!rdmsrl_safe(msrs[i].number, &value))
			seq_printf(file, " %s %llx", msrs[i].name, value);
}

static void state_work(struct work_struct *work)
{
	struct seq_file *file = container_of(work, struct state, work)->file;
	unsigned long flags;

	local_irq_save(flags);
	seq_printf(file, "cpu%u:", smp_processor_id());
	show_control_registers(file);
	show_osxsave(file);
	show_tables(file);
	show_segments(file);
	show_msrs(file);
	seq_putc(file, '\n');
	local_irq_restore(flags);
}

static int state_show(struct seq_file *file, void *unused)
{
	struct state state = { .file = file };
	unsigned int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		INIT_WORK_ONSTACK(&state.work, state_work);
		schedule_work_on(cpu, &state.work);
		flush_work(&state.work);
		destroy_work_on_stack(&state.work);
	}
	cpus_read_unlock();
	return 0;
}

static int state_open(struct inode *inode, struct file *file)
{
	return single_open(file, state_show, NULL);
}

const struct file_operations state_fops = {
	.owner = THIS_MODULE,
	.open = state_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
