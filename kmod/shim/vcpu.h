/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU: one dedicated CPU, its kvm_run page and its fd.
 */
#pragma once

#include <linux/mutex.h>
#include <linux/signal_types.h>
#include <linux/types.h>

#include "../abi.h"

/* What KVM_GET_VCPU_MMAP_SIZE says: struct kvm_run, then the page of port data. */
#define RM_VCPU_MMAP_PAGES 2

struct kvm_run;
struct rm_cpu;
struct rm_vm;

struct rm_vcpu {
	struct rm_vm *vm;
	u32 id;
	struct rm_cpu *cpu;
	struct mutex lock;		/* held by every ioctl */
	struct kvm_run *run;		/* shared with user space, which may write it at any time */
	u8 *port_data;			/* likewise */
	struct visor_vcpu_state state;	/* a copy, while state_valid: rm_vcpu_load_state() */
	bool state_valid;
	struct visor_stop stop;
	bool is_debugged;		/* KVM_SET_GUEST_DEBUG has something on */
	u64 budget;			/* TSC ticks of every KVM_RUN, 0: no end */
	sigset_t signal_mask;		/* blocked while KVM_RUN runs, if has_signal_mask */
	bool has_signal_mask;
	u64 sync_regs;			/* KVM_SYNC_X86_* that this KVM_RUN gives back */
	struct visor_run_args completion; /* what the next RUN has to do about `stop` */
	u32 elements;			/* of INS or OUTS that are with user space */
	u64 smis_before, smi_ticks_before;	/* the CPU's guest SMIs before this vCPU */
	u64 exits_before;		/* the CPU's guest exits before this vCPU */
	u64 smi_repairs_before;		/* likewise */
	u64 user_exits;
};

/* KVM_CREATE_VCPU: takes a CPU; a new fd or an error as in <linux/rmvisor.h>. */
long rm_vcpu_create(struct rm_vm *vm, unsigned long id);
/* The vCPU is stopped; its next RUN drops what it has cached of guest memory. */
void rm_vcpu_memory_changed(struct rm_vcpu *vcpu);

/* KVM_CAP_SPLIT_IRQCHIP was enabled before it was made. */
bool rm_vcpu_has_apic(const struct rm_vcpu *vcpu);

/* VM exits since it was created. */
u64 rm_vcpu_exits(const struct rm_vcpu *vcpu);
u64 rm_vcpu_smi_repairs(const struct rm_vcpu *vcpu);
void rm_vcpu_smis(const struct rm_vcpu *vcpu, u64 *smis, u64 *ticks);
/*
 * The registers of the stopped vCPU, read from its CPU when they are not here
 * already. Error pointers as of mailbox_get_group().
 */
const struct visor_vcpu_state *rm_vcpu_load_state(struct rm_vcpu *vcpu);
/* All of @state or nothing. EINVAL: the visor refuses it. */
int rm_vcpu_store_state(struct rm_vcpu *vcpu, const struct visor_vcpu_state *state);

/* KVM_RUN, under vcpu->lock. */
long rm_vcpu_run(struct rm_vcpu *vcpu);
