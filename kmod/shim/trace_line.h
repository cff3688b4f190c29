/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/types.h>

#include <linux/rmvisor.h>

struct trace_line {
	size_t length;
	char text[384];
};

/* The lines before the first record. */
const char *trace_line_header(void);
/* One record as one line, with its newline. */
void trace_line_format(struct trace_line *line, const struct rmvisor_trace_record *record);
