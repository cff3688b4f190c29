/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forced failures, in builds for tests alone (make module FAULT=1). Elsewhere
 * nothing of this exists.
 */
#pragma once

#include <linux/seq_file.h>

#include "rm_cpu.h"

struct dentry;

#ifdef RMVISOR_FAULT_INJECTION

/* Parameter launch_fault=NAME:CPU. 0 or -EINVAL, with a line in the log. */
int fault_check_parameter(void);
/* Parameter leak=WHAT,... 0, -EINVAL or -ENOMEM. Process context. */
int fault_leak(void);
/* Keeps the CPU of "absent" from answering for some seconds; returns when it is held. */
void fault_hold_cpu(void);
/* The first launch of that CPU meets the failure. */
void fault_arm_launch(void);
/* Between the choice of a CPU for a guest and its offlining: "late-take N". Process context. */
void fault_take_late(void);
/* debugfs: fault, pages. */
void fault_debugfs(struct dentry *root);
/* debugfs: per_cpu/cpuN/entry_trial. */
void fault_debugfs_cpu(struct dentry *directory, struct rm_cpu *c);
/* More of a CPU's line in the status file. */
void fault_show(struct seq_file *file, const struct rm_cpu *c);

#else

static inline int fault_check_parameter(void) { return 0; }
static inline int fault_leak(void) { return 0; }
static inline void fault_hold_cpu(void) { }
static inline void fault_arm_launch(void) { }
static inline void fault_take_late(void) { }
static inline void fault_debugfs(struct dentry *root) { }
static inline void fault_debugfs_cpu(struct dentry *directory, struct rm_cpu *c) { }
static inline void fault_show(struct seq_file *file, const struct rm_cpu *c) { }

#endif
