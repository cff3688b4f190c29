// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events, MP state and the local APIC's registers of a stopped vCPU, and the
 * ioctls that raise an event.
 */
#include <linux/kvm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/irq_vectors.h>

#include "mailbox.h"
#include "vcpu_ioctl.h"

#define NMIS_LATCHED 2
#define EVENT_FLAGS (KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW)

static int load(struct rm_vcpu *vcpu, struct visor_events_state *events)
{
	return mailbox_get_group(vcpu->cpu, VISOR_GROUP_EVENTS, events, sizeof(*events));
}

static int store(struct rm_vcpu *vcpu, const struct visor_events_state *events)
{
	return mailbox_set_group(vcpu->cpu, VISOR_GROUP_EVENTS, events, sizeof(*events));
}

long rm_vcpu_get_events(struct rm_vcpu *vcpu, void __user *argument)
{
	struct kvm_vcpu_events events = { .flags = EVENT_FLAGS };
	struct visor_events_state s;
	int r = load(vcpu, &s);

	if (r)
		return r;
	events.exception.injected = s.exception_injected;
	events.exception.nr = s.exception_vector;
	events.exception.has_error_code = s.exception_has_error_code;
	events.exception.error_code = s.exception_error_code;
	events.interrupt.injected = s.interrupt_injected;
	events.interrupt.nr = s.interrupt_vector;
	events.interrupt.soft = s.interrupt_soft;
	events.interrupt.shadow = s.interrupt_shadow;
	events.nmi.injected = s.nmi_injected;
	events.nmi.pending = s.nmi_pending;
	events.nmi.masked = s.nmi_masked;
	return copy_to_user(argument, &events, sizeof(events)) ? -EFAULT : 0;
}

/* In the order of KVM's checks. SMM, payloads and triple faults are capabilities that are not there. */
static int fill(struct visor_events_state *s, const struct kvm_vcpu_events *events)
{
	if (events->flags & ~EVENT_FLAGS)
		return -EINVAL;
	if ((events->exception.injected || events->exception.pending) &&
	    (events->exception.nr > 31 || events->exception.nr == NMI_VECTOR))
		return -EINVAL;
	s->exception_injected = events->exception.injected || events->exception.pending;
	s->exception_vector = events->exception.nr;
	s->exception_has_error_code = events->exception.has_error_code;
	s->exception_error_code = events->exception.error_code;
	s->interrupt_injected = events->interrupt.injected;
	s->interrupt_vector = events->interrupt.nr;
	s->interrupt_soft = events->interrupt.soft;
	s->nmi_injected = events->nmi.injected;
	s->nmi_masked = events->nmi.masked;
	if (events->flags & KVM_VCPUEVENT_VALID_SHADOW)
		s->interrupt_shadow = events->interrupt.shadow;
	if (events->flags & KVM_VCPUEVENT_VALID_NMI_PENDING)
		s->nmi_pending = events->nmi.pending;
	return 0;
}

long rm_vcpu_set_events(struct rm_vcpu *vcpu, void __user *argument)
{
	struct kvm_vcpu_events events;
	struct visor_events_state s;
	int r;

	if (copy_from_user(&events, argument, sizeof(events)))
		return -EFAULT;
	r = load(vcpu, &s);
	if (!r)
		r = fill(&s, &events);
	return r ?: store(vcpu, &s);
}

/*
 * As KVM without an interrupt controller in the kernel: it waits until the guest
 * can take it. With local APICs it is an 8259's, which has one at a time.
 */
long rm_vcpu_interrupt(struct rm_vcpu *vcpu, void __user *argument)
{
	struct kvm_interrupt interrupt;
	struct visor_events_state s;
	int r;

	if (copy_from_user(&interrupt, argument, sizeof(interrupt)))
		return -EFAULT;
	if (interrupt.irq >= NR_VECTORS)
		return -EINVAL;
	r = load(vcpu, &s);
	if (r)
		return r;
	if (rm_vcpu_has_apic(vcpu) && s.interrupt_injected && !s.interrupt_soft)
		return -EEXIST;
	s.interrupt_injected = 1;
	s.interrupt_vector = interrupt.irq;
	s.interrupt_soft = 0;
	return store(vcpu, &s);
}

long rm_vcpu_nmi(struct rm_vcpu *vcpu)
{
	struct visor_events_state s;
	int r = load(vcpu, &s);

	if (r)
		return r;
	s.nmi_pending = min_t(u8, s.nmi_pending + 1, NMIS_LATCHED);
	return store(vcpu, &s);
}

long rm_vcpu_get_mp_state(struct rm_vcpu *vcpu, void __user *argument)
{
	struct kvm_mp_state state = { };
	struct visor_events_state s;
	int r = load(vcpu, &s);

	BUILD_BUG_ON(VISOR_MP_UNINITIALIZED != KVM_MP_STATE_UNINITIALIZED ||
		     VISOR_MP_INIT_RECEIVED != KVM_MP_STATE_INIT_RECEIVED ||
		     VISOR_MP_HALTED != KVM_MP_STATE_HALTED);
	if (r)
		return r;
	state.mp_state = s.mp_state;
	return copy_to_user(argument, &state, sizeof(state)) ? -EFAULT : 0;
}

/* The visor refuses what a guest without a local APIC can't be in, and SIPI_RECEIVED. */
long rm_vcpu_set_mp_state(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_events_state s;
	struct kvm_mp_state state;
	int r;

	if (copy_from_user(&state, argument, sizeof(state)))
		return -EFAULT;
	r = load(vcpu, &s);
	if (r)
		return r;
	s.mp_state = state.mp_state;
	return store(vcpu, &s);
}

/* KVM's struct is the first kilobyte of the page; the visor's group is the whole. */
long rm_vcpu_get_lapic(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_lapic_state *lapic = kmalloc(sizeof(*lapic), GFP_KERNEL_ACCOUNT);
	long r;

	if (!lapic)
		return -ENOMEM;
	r = mailbox_get_group(vcpu->cpu, VISOR_GROUP_LAPIC, lapic, sizeof(*lapic));
	if (!r && copy_to_user(argument, lapic, sizeof(struct kvm_lapic_state)))
		r = -EFAULT;
	kfree(lapic);
	return r;
}

long rm_vcpu_set_lapic(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_lapic_state *lapic;
	long r;

	/* As KVM: before it looks at the argument. */
	if (!rm_vcpu_has_apic(vcpu))
		return -EINVAL;
	lapic = kzalloc(sizeof(*lapic), GFP_KERNEL_ACCOUNT);
	if (!lapic)
		return -ENOMEM;
	/* REGS has its TPR, as CR8. */
	vcpu->state_valid = false;
	if (copy_from_user(lapic, argument, sizeof(struct kvm_lapic_state)))
		r = -EFAULT;
	else
		r = mailbox_set_group(vcpu->cpu, VISOR_GROUP_LAPIC, lapic, sizeof(*lapic));
	kfree(lapic);
	return r;
}
