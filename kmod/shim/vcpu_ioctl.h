/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vCPU ioctls that move one group of a stopped vCPU's state. All are called
 * under vcpu->lock and may sleep. Errors: EFAULT, what KVM answers to bad
 * values (EINVAL, E2BIG), and those of mailbox_get_group().
 */
#pragma once

#include "vcpu.h"

long rm_vcpu_get_fpu(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_set_fpu(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_get_xsave(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_set_xsave(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_get_xcrs(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_set_xcrs(struct rm_vcpu *vcpu, void __user *argument);

long rm_vcpu_get_debugregs(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_set_debugregs(struct rm_vcpu *vcpu, void __user *argument);

/* EINVAL: an unknown flag. EBUSY: an exception to be injected, while one is under way. */
long rm_vcpu_set_guest_debug(struct rm_vcpu *vcpu, void __user *argument);

/* The number of MSRs that were done, as KVM. */
long rm_vcpu_move_msrs(struct rm_vcpu *vcpu, enum visor_command command, void __user *argument);

long rm_vcpu_set_cpuid2(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_get_cpuid2(struct rm_vcpu *vcpu, void __user *argument);

long rm_vcpu_get_events(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_set_events(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_get_mp_state(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_set_mp_state(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_get_lapic(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_set_lapic(struct rm_vcpu *vcpu, void __user *argument);

long rm_vcpu_interrupt(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_nmi(struct rm_vcpu *vcpu);

/* Any vCPU ioctl; EINVAL for one that is not there, as KVM. */
long rm_vcpu_ioctl(struct rm_vcpu *vcpu, unsigned int command, unsigned long argument);

/* Device ioctls that list what vCPUs can have. */
long rm_get_supported_cpuid(void __user *argument);
long rm_get_msr_index_list(void __user *argument);
