/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual machine: guest memory and vCPUs. It lives while its fd or any of
 * its vCPUs' fds is open.
 *
 * Lock order: vm->lock, then vm->running. A vCPU holds its own lock, then
 * vm->running for reading while its CPU runs guest code.
 */
#pragma once

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>

#include <linux/rmvisor.h>

#include "../abi.h"
#include "memslot.h"
#include "ports.h"

#define RM_VCPUS 16

struct rm_vcpu;

struct rm_vm {
	struct kref references;
	u32 number;			/* in trace records; never 0 */
	struct mm_struct *mm;		/* its owner's, held by mmgrab() */
	struct mutex lock;		/* slots, vcpus, cpu_choice */
	struct visor_guest_memory *memory;
	struct rm_memslot *slots[RM_MEMSLOTS];
	struct rm_vcpu *vcpus[RM_VCPUS];
	u32 cpu_choice[RM_VCPUS];
	struct rm_ports ports;		/* likewise fixed */
	char name[RMVISOR_NAME_BYTES];	/* "": none */
	u32 apic;			/* enum visor_apic, under lock; fixed once there are vCPUs */
	unsigned long boot_vcpu;	/* likewise */

	/* Guest memory changes only while no vCPU runs: rm_vm_stop_all(). */
	struct rw_semaphore running;
	atomic_t changes;
	/* A CPU did not answer in time: it may still use guest memory, which stays as it is. */
	bool stranded;
};

/* KVM_CREATE_VM: a new fd, or an error. */
long rm_vm_create(unsigned long type);

/* Under vm->lock. */
bool rm_vm_has_vcpus(const struct rm_vm *vm);

static inline void rm_vm_get(struct rm_vm *vm)
{
	kref_get(&vm->references);
}

/* May sleep. */
void rm_vm_put(struct rm_vm *vm);

/*
 * Under vm->lock: kicks every vCPU and keeps all of them stopped until
 * rm_vm_continue_all(). EINTR: the caller was killed; EIO: the VM is stranded;
 * nothing is held.
 */
int rm_vm_stop_all(struct rm_vm *vm);
void rm_vm_continue_all(struct rm_vm *vm);
