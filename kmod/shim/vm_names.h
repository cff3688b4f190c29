/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of the last VMs that had one, by the numbers that trace records
 * carry: a ring shows a VM longer than the VM lives.
 */
#pragma once

#include <linux/types.h>

#define VM_NAMES 64

struct seq_file;

/* `name`: RMVISOR_NAME_BYTES with a zero at the end. Forgets the oldest. */
void rm_vm_names_note(u16 number, const char *name);
/* A new VM has this number. */
void rm_vm_names_forget(u16 number);
/* Lines of `prefix`, vmNUMBER, a blank and the name; the oldest first. */
void rm_vm_names_show(struct seq_file *file, const char *prefix);
/* debugfs names */
int names_file_show(struct seq_file *file, void *unused);
