/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/seq_file.h>

#include <linux/rmvisor.h>

void trace_line_header(struct seq_file *file);
/* One record as one line. */
void trace_line_print(struct seq_file *file, const struct rmvisor_trace_record *record);
