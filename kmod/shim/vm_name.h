/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What people call a VM: kept beside each of its CPUs, so that status can be
 * read without holding the VM.
 */
#pragma once

struct rm_cpu;
struct rm_vm;
struct seq_file;

/* RMVISOR_SET_NAME. EINVAL, EFAULT, EINTR (killed). */
long rm_vm_set_name(struct rm_vm *vm, const void __user *argument);
/* Under vm->lock: this CPU is about to be the VM's. */
void rm_vm_show_on(const struct rm_vm *vm, struct rm_cpu *c);
/* " (name)" of a taken CPU, if it has one. A name that changes meanwhile may come out mixed. */
void rm_vm_name_show(struct seq_file *file, const struct rm_cpu *c);
