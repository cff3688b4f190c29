/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * Claims the NMIs that the visor sends to its own CPU when it leaves VMX without
 * a last entry: nobody else knows them, and an unknown NMI may be set to panic.
 */
int rm_nmi_init(void);
void rm_nmi_exit(void);
