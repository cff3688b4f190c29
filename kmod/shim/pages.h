/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/types.h>

/* Zeroed contiguous pages, each with a count of its own; NULL if there are none. */
void *rm_pages_alloc(int node, size_t bytes, gfp_t more);
void rm_pages_free(void *memory, size_t bytes);
