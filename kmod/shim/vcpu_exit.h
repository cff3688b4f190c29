/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

struct rm_vcpu;

/*
 * Tells user space in kvm_run why the vCPU stopped (vcpu->stop).
 * 0, or EINTR after KVM_EXIT_INTR.
 */
long rm_vcpu_report_exit(struct rm_vcpu *vcpu);
