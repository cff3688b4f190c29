// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug registers.
 */
#include <linux/kvm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "mailbox.h"
#include "vcpu_ioctl.h"

long rm_vcpu_get_debugregs(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_debug_state state;
	struct kvm_debugregs regs = { };
	int r = mailbox_get_group(vcpu->cpu, VISOR_GROUP_DEBUG, &state, sizeof(state));

	if (r)
		return r;
	memcpy(regs.db, state.db, sizeof(regs.db));
	regs.dr6 = state.dr6;
	regs.dr7 = state.dr7;
	return copy_to_user(argument, &regs, sizeof(regs)) ? -EFAULT : 0;
}

/* As KVM, which has no use for the reserved words yet and does not look at them. */
long rm_vcpu_set_debugregs(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_debug_state state;
	struct kvm_debugregs regs;

	if (copy_from_user(&regs, argument, sizeof(regs)))
		return -EFAULT;
	if (regs.flags)
		return -EINVAL;
	state = (struct visor_debug_state){ .dr6 = regs.dr6, .dr7 = regs.dr7 };
	memcpy(state.db, regs.db, sizeof(state.db));
	/* REGS has DR7 too. */
	vcpu->state_valid = false;
	return mailbox_set_group(vcpu->cpu, VISOR_GROUP_DEBUG, &state, sizeof(state));
}
