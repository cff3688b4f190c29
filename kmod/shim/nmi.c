// SPDX-License-Identifier: GPL-2.0-only
/* The visor's own NMIs (vmx/leave.hpp: block_nmis_without_entry). */
#include <linux/smp.h>
#include <asm/nmi.h>

#include "nmi.h"
#include "rm_cpu.h"

/* Called for an NMI that no other handler has claimed. */
static int own_nmi(unsigned int type, struct pt_regs *regs)
{
	struct rm_cpu *c = rm_cpus[smp_processor_id()];
	u32 sent = READ_ONCE(c->public->own_nmis);

	if (sent == c->own_nmis_seen)
		return NMI_DONE;
	c->own_nmis_seen = sent;
	return NMI_HANDLED;
}

int rm_nmi_init(void)
{
	return register_nmi_handler(NMI_UNKNOWN, own_nmi, 0, "rmvisor");
}

void rm_nmi_exit(void)
{
	unregister_nmi_handler(NMI_UNKNOWN, "rmvisor");
}
