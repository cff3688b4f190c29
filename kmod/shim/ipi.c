// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPIs to a CPU that Linux believes to be offline. Linux's own IPI functions
 * refuse that, so the interrupt command register is written here, with a
 * physical destination (SDM: Interrupt Command Register (ICR)).
 */
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <asm/apic.h>
#include <asm/barrier.h>
#include <asm/msr.h>
#include <asm/smp.h>

#include "ipi.h"

static void wait_delivered(void)
{
	unsigned int tries = 100000;

	while ((readl((void __iomem *)(APIC_BASE + APIC_ICR)) & APIC_ICR_BUSY) && --tries)
		cpu_relax();
}

static void send_xapic(u32 apic_id, u32 command)
{
	wait_delivered();
	writel(SET_XAPIC_DEST_FIELD(apic_id), (void __iomem *)(APIC_BASE + APIC_ICR2));
	writel(command, (void __iomem *)(APIC_BASE + APIC_ICR));
	wait_delivered();
}

static void send_x2apic(u32 apic_id, u32 command)
{
	/* x2APIC writes are not serializing: what the IPI is about must be visible first. */
	asm volatile("mfence; lfence" : : : "memory");
	wrmsrl(APIC_BASE_MSR + (APIC_ICR >> 4), (u64)apic_id << 32 | command);
}

void ipi_send(unsigned int cpu, u32 command)
{
	u32 apic_id = per_cpu(x86_cpu_to_apicid, cpu);
	unsigned long flags;

	local_irq_save(flags);
	if (x2apic_mode) /* x2apic_enabled() reads the MSR each time */
		send_x2apic(apic_id, command);
	else
		send_xapic(apic_id, command);
	local_irq_restore(flags);
}
