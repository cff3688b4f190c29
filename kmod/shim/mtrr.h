/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* In the doorbell's handler: has Linux changed MTRRs? */
void mtrr_look(void);
void mtrr_exit(void);
int mtrr_init(void);
