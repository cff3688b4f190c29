/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM_{GET,SET}_{REGS,SREGS}, under vcpu->lock of a stopped vCPU.
 */
#pragma once

#include <linux/compiler_types.h>

struct rm_vcpu;

long rm_vcpu_get_regs(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_set_regs(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_get_sregs(struct rm_vcpu *vcpu, void __user *argument);
long rm_vcpu_set_sregs(struct rm_vcpu *vcpu, void __user *argument);

/* KVM_CAP_SYNC_REGS: before and after KVM_RUN. EINVAL: fields that are not there, or bad values. */
long rm_vcpu_take_sync_regs(struct rm_vcpu *vcpu);
long rm_vcpu_give_sync_regs(struct rm_vcpu *vcpu);
