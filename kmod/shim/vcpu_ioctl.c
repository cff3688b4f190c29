// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which vCPU ioctl is done where; the ones that need no file of their own.
 */
#include <linux/kvm.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <linux/rmvisor.h>

#include "rm_cpu.h"
#include "vcpu_ioctl.h"
#include "vcpu_regs.h"
#include "vm.h"

static long get_info(struct rm_vcpu *vcpu, void __user *argument)
{
	struct rmvisor_vcpu_info info = {
		.cpu = vcpu->cpu->number,
		.vm_id = vcpu->vm->number,
		.exits = rm_vcpu_exits(vcpu),
		.user_exits = vcpu->user_exits,
		.smi_repairs = rm_vcpu_smi_repairs(vcpu),
	};
	u64 smis, ticks;

	rm_vcpu_smis(vcpu, &smis, &ticks);
	info.smis = smis;
	info.smi_ticks = ticks;
	return copy_to_user(argument, &info, sizeof(info)) ? -EFAULT : 0;
}

static long set_budget(struct rm_vcpu *vcpu, void __user *argument)
{
	struct rmvisor_budget budget;

	if (copy_from_user(&budget, argument, sizeof(budget)))
		return -EFAULT;
	if (memchr_inv(budget.reserved, 0, sizeof(budget.reserved)))
		return -EINVAL;
	vcpu->budget = budget.ticks;
	return 0;
}

/* As KVM: signals that are unblocked while KVM_RUN runs; no argument turns it off. */
static long set_signal_mask(struct rm_vcpu *vcpu, void __user *argument)
{
	struct kvm_signal_mask __user *user = argument;
	struct kvm_signal_mask header;
	sigset_t set;

	if (!argument) {
		vcpu->has_signal_mask = false;
		return 0;
	}
	if (copy_from_user(&header, user, sizeof(header)))
		return -EFAULT;
	if (header.len != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, user->sigset, sizeof(set)))
		return -EFAULT;
	sigdelsetmask(&set, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->signal_mask = set;
	vcpu->has_signal_mask = true;
	return 0;
}

/* Registers and what belongs to them. */
static long registers_ioctl(struct rm_vcpu *vcpu, unsigned int command, void __user *pointer)
{
	switch (command) {
	case KVM_GET_REGS:
		return rm_vcpu_get_regs(vcpu, pointer);
	case KVM_SET_REGS:
		return rm_vcpu_set_regs(vcpu, pointer);
	case KVM_GET_SREGS:
		return rm_vcpu_get_sregs(vcpu, pointer);
	case KVM_SET_SREGS:
		return rm_vcpu_set_sregs(vcpu, pointer);
	case KVM_GET_FPU:
		return rm_vcpu_get_fpu(vcpu, pointer);
	case KVM_SET_FPU:
		return rm_vcpu_set_fpu(vcpu, pointer);
	case KVM_GET_XSAVE:
		return rm_vcpu_get_xsave(vcpu, pointer);
	case KVM_SET_XSAVE:
		return rm_vcpu_set_xsave(vcpu, pointer);
	case KVM_GET_XCRS:
		return rm_vcpu_get_xcrs(vcpu, pointer);
	case KVM_SET_XCRS:
		return rm_vcpu_set_xcrs(vcpu, pointer);
	case KVM_GET_DEBUGREGS:
		return rm_vcpu_get_debugregs(vcpu, pointer);
	case KVM_SET_DEBUGREGS:
		return rm_vcpu_set_debugregs(vcpu, pointer);
	default:
		/* As KVM's vCPU fds answer; VM fds differ. */
		return -EINVAL;
	}
}

long rm_vcpu_ioctl(struct rm_vcpu *vcpu, unsigned int command, unsigned long argument)
{
	void __user *pointer = (void __user *)argument;

	switch (command) {
	case KVM_RUN:
		return argument ? -EINVAL : rm_vcpu_run(vcpu);
	case KVM_GET_MSRS:
		return rm_vcpu_move_msrs(vcpu, VISOR_COMMAND_GET_STATE, pointer);
	case KVM_SET_MSRS:
		return rm_vcpu_move_msrs(vcpu, VISOR_COMMAND_SET_STATE, pointer);
	case KVM_SET_CPUID2:
		return rm_vcpu_set_cpuid2(vcpu, pointer);
	case KVM_GET_CPUID2:
		return rm_vcpu_get_cpuid2(vcpu, pointer);
	case KVM_SET_GUEST_DEBUG:
		return rm_vcpu_set_guest_debug(vcpu, pointer);
	case KVM_GET_VCPU_EVENTS:
		return rm_vcpu_get_events(vcpu, pointer);
	case KVM_SET_VCPU_EVENTS:
		return rm_vcpu_set_events(vcpu, pointer);
	case KVM_INTERRUPT:
		return rm_vcpu_interrupt(vcpu, pointer);
	case KVM_NMI:
		return rm_vcpu_nmi(vcpu);
	case KVM_GET_MP_STATE:
		return rm_vcpu_get_mp_state(vcpu, pointer);
	case KVM_SET_MP_STATE:
		return rm_vcpu_set_mp_state(vcpu, pointer);
	case KVM_GET_LAPIC:
		return rm_vcpu_get_lapic(vcpu, pointer);
	case KVM_SET_LAPIC:
		return rm_vcpu_set_lapic(vcpu, pointer);
	case KVM_SET_SIGNAL_MASK:
		return set_signal_mask(vcpu, pointer);
	case RMVISOR_GET_VCPU_INFO:
		return get_info(vcpu, pointer);
	case RMVISOR_SET_BUDGET:
		return set_budget(vcpu, pointer);
	default:
		return registers_ioctl(vcpu, command, pointer);
	}
}
