/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "../abi.h"

/* errno for a status of the visor: 0 for VISOR_OK, else negative. */
int report_errno(rmv_u32 status);

/* One line that names the CPU, the fact and the cure; returns the errno. */
int report_refusal(unsigned int cpu, const struct visor_refusal *refusal);

/* The same for set-up that belongs to no CPU. */
int report_failure(const char *what, rmv_u32 status);
