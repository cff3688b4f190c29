/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Local APICs of a VM: asked for as from KVM when interrupt controllers are
 * split, local APICs in the kernel and all others in user space.
 */
#pragma once

#include <linux/types.h>

struct rm_vm;

/* KVM_ENABLE_CAP of a VM. EINVAL: no such capability; EEXIST: too late, or done already. */
long rm_vm_enable_cap(struct rm_vm *vm, void __user *argument);
/* KVM_SET_BOOT_CPU_ID. EBUSY: there are vCPUs. */
long rm_vm_set_boot_cpu_id(struct rm_vm *vm, unsigned long id);
/* Would memory there hide the APICs' page? Under vm->lock. */
bool rm_vm_apic_overlaps(const struct rm_vm *vm, u64 guest_physical, u64 bytes);
