/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "rm_cpu.h"

/* Looks once a second whether a CPU left VMX by itself, and says why in the log. */
int health_init(void);
void health_exit(void);

/* One line, without newline, on a fault record; "" if there is none. */
void health_describe(const struct rm_cpu *c, char *text, size_t bytes);
