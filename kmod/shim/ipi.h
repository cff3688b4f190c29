/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/types.h>
#include <asm/apicdef.h>

/*
 * Sends an IPI to one CPU, online in Linux's eyes or not. `command` is the lower
 * half of the ICR, with a physical destination. Returns after the local APIC has
 * accepted it. Any context with a current CPU; interrupts are turned off inside.
 */
void ipi_send(unsigned int cpu, u32 command);

static inline void ipi_send_nmi(unsigned int cpu)
{
	ipi_send(cpu, APIC_DM_NMI | APIC_INT_ASSERT | APIC_DEST_PHYSICAL);
}
