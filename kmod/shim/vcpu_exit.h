/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

struct rm_vcpu;

/*
 * Tells user space in kvm_run why the vCPU stopped (vcpu->stop).
 * 0, or EINTR after KVM_EXIT_INTR.
 */
long rm_vcpu_report_exit(struct rm_vcpu *vcpu);
/* RMVISOR_EXIT_CPU_SILENT; the rest of kvm_run is as it was. */
void rm_vcpu_report_silence(struct rm_vcpu *vcpu);
