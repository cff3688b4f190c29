/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace's records, passed on to tracepoints while somebody has enabled one.
 */
#pragma once

int trace_drain_init(void);
void trace_drain_exit(void);

/*
 * For the tracepoints: the first user of one came, the last one goes. The kernel
 * calls them also before trace_drain_init() and after trace_drain_exit().
 */
int trace_drain_wanted(void);
void trace_drain_unwanted(void);
