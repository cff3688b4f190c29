/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports of the machine that a VM may use without exits. The pages of the
 * bitmaps are read by the VM's CPUs until the last vCPU is gone.
 */
#pragma once

#include <linux/types.h>

#include <linux/rmvisor.h>

struct resource;

struct rm_ports {
	unsigned long *bitmap;		/* two pages, a bit per port: 1 exits; NULL: all do */
	struct resource *claimed[RMVISOR_PORT_RANGES];
	unsigned int claims;
};

/* As RMVISOR_PASS_PORTS. All of it or nothing. */
int rm_ports_pass(struct rm_ports *ports, const struct rmvisor_ports *wanted);
void rm_ports_free(struct rm_ports *ports);
/* Its physical address, or 0. */
u64 rm_ports_bitmap(const struct rm_ports *ports);
