/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * Sends an NMI to one CPU, online in Linux's eyes or not. Returns after the
 * local APIC has accepted it. Any context with a current CPU; interrupts are
 * turned off inside.
 */
void ipi_send_nmi(unsigned int cpu);
