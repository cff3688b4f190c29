// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_GUEST_DEBUG: steps and breakpoints are the visor's; an exception that
 * the debugger gives back to the guest goes the way of all events.
 */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "mailbox.h"
#include "vcpu.h"
#include "vcpu_ioctl.h"

#define INJECT (KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP)
#define KNOWN                                                                             \
	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_SW_BP |         \
	 KVM_GUESTDBG_USE_HW_BP | INJECT)
#define DB_VECTOR 1
#define BP_VECTOR 3

static int inject(struct rm_vcpu *vcpu, u8 vector)
{
	struct visor_events_state events;
	int r = mailbox_get_group(vcpu->cpu, VISOR_GROUP_EVENTS, &events, sizeof(events));

	if (r)
		return r;
	if (events.exception_injected)
		return -EBUSY;
	events.exception_injected = 1;
	events.exception_vector = vector;
	events.exception_has_error_code = 0;
	return mailbox_set_group(vcpu->cpu, VISOR_GROUP_EVENTS, &events, sizeof(events));
}

static struct visor_guest_debug debug_from_kvm(const struct kvm_guest_debug *from)
{
	struct visor_guest_debug debug = {};

	if (!(from->control & KVM_GUESTDBG_ENABLE))
		return debug;
	if (from->control & KVM_GUESTDBG_SINGLESTEP)
		debug.flags |= VISOR_DEBUG_STEP;
	if (from->control & KVM_GUESTDBG_USE_SW_BP)
		debug.flags |= VISOR_DEBUG_CODE_BREAKPOINTS;
	if (from->control & KVM_GUESTDBG_USE_HW_BP) {
		debug.flags |= VISOR_DEBUG_REGISTERS;
		memcpy(debug.db, from->arch.debugreg, sizeof(debug.db));
		debug.dr7 = from->arch.debugreg[7];
	}
	return debug;
}

long rm_vcpu_set_guest_debug(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_guest_debug debug;
	struct kvm_guest_debug from;
	int r = 0;

	if (copy_from_user(&from, argument, sizeof(from)))
		return -EFAULT;
	if (from.control & ~KNOWN)
		return -EINVAL;
	if (from.control & INJECT)
		r = inject(vcpu, from.control & KVM_GUESTDBG_INJECT_DB ? DB_VECTOR : BP_VECTOR);
	if (r)
		return r;
	debug = debug_from_kvm(&from);
	r = mailbox_set_group(vcpu->cpu, VISOR_GROUP_GUEST_DEBUG, &debug, sizeof(debug));
	if (!r)
		vcpu->is_debugged = debug.flags != 0;
	return r;
}
