/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

static const struct {
	unsigned char x86_phys_bits;
} boot_cpu_data = { .x86_phys_bits = 39 };
