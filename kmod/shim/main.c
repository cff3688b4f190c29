// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load and unload: the order in which the parts come up, and its reverse.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/log2.h>
#include <linux/module.h>
#include <linux/rmvisor.h>
#include <asm/apicdef.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/tsc.h>

#include "debugfs.h"
#include "dedicate.h"
#include "device.h"
#include "doorbell.h"
#include "fault.h"
#include "health.h"
#include "launch.h"
#include "mtrr.h"
#include "nmi.h"
#include "power.h"
#include "report.h"
#include "rm_cpu.h"
#include "smm.h"
#include "trace_drain.h"
#include "trace_files.h"
#include "watch.h"

static unsigned int trace_buffer_kb = 64;
module_param(trace_buffer_kb, uint, 0444);
MODULE_PARM_DESC(trace_buffer_kb, "exit trace per CPU in KiB, a power of two from 4 to 4096 (64)");

/* What Linux sets in CR3 for user mode: the other half of the page directory, the other PCID. */
#define PTI_USER_BITS (BIT_ULL(PAGE_SHIFT) | BIT_ULL(11))

static int check_parameters(void)
{
	if (trace_buffer_kb >= TRACE_KB_MIN && trace_buffer_kb <= TRACE_KB_MAX &&
	    is_power_of_2(trace_buffer_kb))
		return 0;
	pr_err("trace_buffer_kb=%u is not a power of two from %u to %u\n", trace_buffer_kb,
	       TRACE_KB_MIN, TRACE_KB_MAX);
	return -EINVAL;
}

/* Root's page tables, Linux's EPT, bitmaps: what all CPUs share. */
static int setup_tables(const struct visor_cpu_facts *facts)
{
	struct visor_setup_args args = {};
	rmv_u32 status;
	u64 base;

	rdmsrl(MSR_IA32_APICBASE, base);
	args.x2apic = !!(base & X2APIC_ENABLE);
	if (static_cpu_has(X86_FEATURE_PTI))
		args.cr3_user_bits = PTI_USER_BITS;
	args.has_smi_count = smm_has_smi_count();
	/* 10 microseconds: more than anything that root does takes, less than an SMI. */
	args.smi_gap_ticks = max_t(u64, tsc_khz / 100, 2000);
	args.apic_phys = base & PAGE_MASK & (BIT_ULL(boot_cpu_data.x86_phys_bits) - 1);
	status = visor_setup(&args, facts);
	return status ? report_failure("building the tables", status) : 0;
}

static int protect_memory(void)
{
	rmv_u32 status = visor_protect();

	return status ? report_failure("protecting the visor's memory", status) : 0;
}

static int memory_init(void)
{
	const struct visor_cpu_facts *facts;
	int r;

	r = rm_cpus_alloc();
	if (r)
		goto free_cpus;
	r = preflight_run(&facts);
	if (r)
		goto free_cpus;
	r = setup_tables(facts);
	if (r)
		goto free_cpus;
	r = rm_cpus_setup(trace_buffer_kb * 1024 / sizeof(struct rmvisor_trace_record));
	if (!r)
		r = protect_memory();
	if (!r) {
		watch_init();
		return 0;
	}
	visor_destroy();
free_cpus:
	rm_cpus_free();
	return r;
}

static void memory_exit(void)
{
	visor_destroy();
	rm_cpus_free();
}

/* Each part's exit undoes exactly its init; they run in reverse order. */
static const struct {
	const char *name;	/* NULL: init writes its own line when it refuses */
	int (*init)(void);
	void (*exit)(void);
} parts[] = {
	{ NULL, memory_init, memory_exit },
	{ "work queue", dedicate_init, dedicate_exit },
	{ "memory types", mtrr_init, mtrr_exit },
	{ "doorbell interrupt", doorbell_init, doorbell_exit },
	{ "NMI handler", rm_nmi_init, rm_nmi_exit },
	{ NULL, launch_start, launch_stop },
	{ "health", health_init, health_exit },
	{ "power notifiers", rm_power_init, rm_power_exit },
	{ "/dev/" RMVISOR_DEVICE_NAME, rm_device_init, rm_device_exit },
	{ "trace", trace_files_init, trace_files_exit },
	{ "tracepoints", trace_drain_init, trace_drain_exit },
	/* The last: an open file keeps the module, but for one whose load fails. */
	{ "debugfs", rm_debugfs_init, rm_debugfs_exit },
};

static void undo_parts(size_t count)
{
	while (count--)
		parts[count].exit();
}

static int __init rmvisor_init(void)
{
	size_t i;
	int r;

	r = check_parameters();
	if (!r)
		r = fault_check_parameter();
	if (!r)
		r = fault_leak();
	if (r)
		return r;
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		r = parts[i].init();
		if (r) {
			if (parts[i].name)
				pr_err("%s: error %d\n", parts[i].name, r);
			undo_parts(i);
			return r;
		}
	}
	pr_info("%u CPUs run as guests; %zu KiB per CPU, %llu KiB tables, launch %llu ticks\n",
		num_online_cpus(), rm_cpu_bytes() >> 10, visor_table_pages() * (PAGE_SIZE >> 10),
		launch_ticks());
	smm_log();
	return 0;
}

static void __exit rmvisor_exit(void)
{
	undo_parts(ARRAY_SIZE(parts));
	pr_info("unloaded; Linux runs natively\n");
}

module_init(rmvisor_init);
module_exit(rmvisor_exit);

MODULE_DESCRIPTION("Thin VMX hypervisor under the running Linux, with real-mode guests on dedicated CPUs");
MODULE_LICENSE("GPL");
