// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>

#include "ipi.h"
#include "ring.h"
#include "silence.h"

/* Changes whenever the CPU does anything in root. */
static u64 signs_of(const struct rm_cpu *c)
{
	u64 sum = READ_ONCE(c->public->polls) + READ_ONCE(c->public->stop_sequence);
	unsigned int reason;

	for (reason = 0; reason < RMV_EXIT_REASONS; reason++)
		sum += READ_ONCE(c->stats->guest_exits[reason].count);
	return sum;
}

bool silence_look(struct silence *silence, struct rm_cpu *c)
{
	u64 signs = signs_of(c);

	if (signs != silence->signs) {
		silence->signs = signs;
		silence->looks = 0;
		return false;
	}
	ipi_send_nmi(c->number);
	return ++silence->looks >= SILENCE_LOOKS;
}

void silence_report(struct rm_cpu *c)
{
	if (c->silent)
		return;
	WRITE_ONCE(c->silent, true);
	pr_err("CPU %u does not answer, not even to an NMI (state %u, command %u); last exit: %s. It may be in an SMI handler: see the SMI rows of rmguest doctor. It is taken back when it answers\n",
	       c->number, rm_cpu_state(c), READ_ONCE(c->public->command), ring_last_exit(c));
}
