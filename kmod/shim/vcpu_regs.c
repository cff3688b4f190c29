// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of a stopped vCPU, between KVM's structs and the visor's. They are
 * read from the dedicated CPU when an ioctl asks; a change goes there at once.
 */
#include <linux/err.h>
#include <linux/kvm.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>

#include "mailbox.h"
#include "segment.h"
#include "vcpu.h"
#include "vcpu_regs.h"

#define CR8_MAX 15

const struct visor_vcpu_state *rm_vcpu_load_state(struct rm_vcpu *vcpu)
{
	int r = 0;

	if (!vcpu->state_valid)
		r = mailbox_get_group(vcpu->cpu, VISOR_GROUP_REGS, &vcpu->state,
				      sizeof(vcpu->state));
	if (r)
		return ERR_PTR(r);
	vcpu->state_valid = true;
	return &vcpu->state;
}

int rm_vcpu_store_state(struct rm_vcpu *vcpu, const struct visor_vcpu_state *state)
{
	/* The architecture fixes bits that the caller left open: what is there now is read when asked. */
	vcpu->state_valid = false;
	return mailbox_set_group(vcpu->cpu, VISOR_GROUP_REGS, state, sizeof(*state));
}

static void regs_to_kvm(struct kvm_regs *regs, const struct visor_vcpu_state *s)
{
	const struct rmv_gprs *g = &s->gprs;

	*regs = (struct kvm_regs){
		.rax = g->rax, .rbx = g->rbx, .rcx = g->rcx, .rdx = g->rdx,
		.rsi = g->rsi, .rdi = g->rdi, .rsp = g->rsp, .rbp = g->rbp,
		.r8 = g->r8, .r9 = g->r9, .r10 = g->r10, .r11 = g->r11,
		.r12 = g->r12, .r13 = g->r13, .r14 = g->r14, .r15 = g->r15,
		.rip = s->rip, .rflags = s->rflags,
	};
}

static void regs_from_kvm(struct visor_vcpu_state *s, const struct kvm_regs *r)
{
	s->gprs = (struct rmv_gprs){
		.rax = r->rax, .rbx = r->rbx, .rcx = r->rcx, .rdx = r->rdx,
		.rsi = r->rsi, .rdi = r->rdi, .rsp = r->rsp, .rbp = r->rbp,
		.r8 = r->r8, .r9 = r->r9, .r10 = r->r10, .r11 = r->r11,
		.r12 = r->r12, .r13 = r->r13, .r14 = r->r14, .r15 = r->r15,
	};
	s->rip = r->rip;
	s->rflags = r->rflags | X86_EFLAGS_FIXED;
}

long rm_vcpu_get_regs(struct rm_vcpu *vcpu, void __user *argument)
{
	const struct visor_vcpu_state *state = rm_vcpu_load_state(vcpu);
	struct kvm_regs regs;

	if (IS_ERR(state))
		return PTR_ERR(state);
	regs_to_kvm(&regs, state);
	return copy_to_user(argument, &regs, sizeof(regs)) ? -EFAULT : 0;
}

long rm_vcpu_set_regs(struct rm_vcpu *vcpu, void __user *argument)
{
	const struct visor_vcpu_state *old;
	struct visor_vcpu_state state;
	struct kvm_regs regs;

	if (copy_from_user(&regs, argument, sizeof(regs)))
		return -EFAULT;
	old = rm_vcpu_load_state(vcpu);
	if (IS_ERR(old))
		return PTR_ERR(old);
	state = *old;
	regs_from_kvm(&state, &regs);
	return rm_vcpu_store_state(vcpu, &state);
}

static void sregs_to_kvm(struct kvm_sregs *sregs, const struct visor_vcpu_state *s)
{
	*sregs = (struct kvm_sregs){
		.cr0 = s->cr0, .cr2 = s->cr2, .cr3 = s->cr3, .cr4 = s->cr4, .cr8 = s->cr8,
		.efer = s->efer, .apic_base = s->apic_base,
	};
	segment_to_kvm(&sregs->cs, &s->cs);
	segment_to_kvm(&sregs->ds, &s->ds);
	segment_to_kvm(&sregs->es, &s->es);
	segment_to_kvm(&sregs->fs, &s->fs);
	segment_to_kvm(&sregs->gs, &s->gs);
	segment_to_kvm(&sregs->ss, &s->ss);
	segment_to_kvm(&sregs->tr, &s->tr);
	segment_to_kvm(&sregs->ldt, &s->ldt);
	table_to_kvm(&sregs->gdt, &s->gdt);
	table_to_kvm(&sregs->idt, &s->idt);
}

long rm_vcpu_get_sregs(struct rm_vcpu *vcpu, void __user *argument)
{
	const struct visor_vcpu_state *state = rm_vcpu_load_state(vcpu);
	struct kvm_sregs sregs;

	if (IS_ERR(state))
		return PTR_ERR(state);
	sregs_to_kvm(&sregs, state);
	return copy_to_user(argument, &sregs, sizeof(sregs)) ? -EFAULT : 0;
}

/* The cheap part of KVM's checks; a failed VM entry names the rest by its rule. */
static bool sregs_valid(const struct kvm_sregs *s)
{
	bool paging = s->cr0 & X86_CR0_PG;

	if ((s->cr0 >> 32) || s->cr8 > CR8_MAX || memchr_inv(s->interrupt_bitmap, 0,
							      sizeof(s->interrupt_bitmap)))
		return false;
	if ((s->cr0 & X86_CR0_NW) && !(s->cr0 & X86_CR0_CD))
		return false;
	if (paging && !(s->cr0 & X86_CR0_PE))
		return false;
	if (paging && (s->efer & EFER_LME))
		return (s->cr4 & X86_CR4_PAE) && (s->efer & EFER_LMA) &&
		       !(s->cr3 >> boot_cpu_data.x86_phys_bits);
	return !(s->efer & EFER_LMA) && !s->cs.l;
}

static void sregs_from_kvm(struct visor_vcpu_state *state, const struct kvm_sregs *s)
{
	segment_from_kvm(&state->cs, &s->cs);
	segment_from_kvm(&state->ds, &s->ds);
	segment_from_kvm(&state->es, &s->es);
	segment_from_kvm(&state->fs, &s->fs);
	segment_from_kvm(&state->gs, &s->gs);
	segment_from_kvm(&state->ss, &s->ss);
	segment_from_kvm(&state->tr, &s->tr);
	segment_from_kvm(&state->ldt, &s->ldt);
	table_from_kvm(&state->gdt, &s->gdt);
	table_from_kvm(&state->idt, &s->idt);
	state->cr0 = s->cr0;
	state->cr2 = s->cr2;
	state->cr3 = s->cr3;
	state->cr4 = s->cr4;
	state->cr8 = s->cr8;
	state->efer = s->efer;
	state->apic_base = s->apic_base;
}

long rm_vcpu_set_sregs(struct rm_vcpu *vcpu, void __user *argument)
{
	const struct visor_vcpu_state *old;
	struct visor_vcpu_state state;
	struct kvm_sregs sregs;

	if (copy_from_user(&sregs, argument, sizeof(sregs)))
		return -EFAULT;
	if (!sregs_valid(&sregs))
		return -EINVAL;
	old = rm_vcpu_load_state(vcpu);
	if (IS_ERR(old))
		return PTR_ERR(old);
	state = *old;
	sregs_from_kvm(&state, &sregs);
	return rm_vcpu_store_state(vcpu, &state);
}

/*
 * KVM_CAP_SYNC_REGS: registers in kvm_run. User space may change them at any
 * time, so they are copied once. KVM's bits are checked, and the ones of a
 * capability that is not there.
 */
#define SYNC_FIELDS (KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS)

static long take_regs(struct rm_vcpu *vcpu, u64 dirty)
{
	const struct visor_vcpu_state *old = rm_vcpu_load_state(vcpu);
	struct visor_vcpu_state state;

	if (IS_ERR(old))
		return PTR_ERR(old);
	state = *old;
	if (dirty & KVM_SYNC_X86_REGS) {
		struct kvm_regs regs = vcpu->run->s.regs.regs;

		regs_from_kvm(&state, &regs);
	}
	if (dirty & KVM_SYNC_X86_SREGS) {
		struct kvm_sregs sregs = vcpu->run->s.regs.sregs;

		if (!sregs_valid(&sregs))
			return -EINVAL;
		sregs_from_kvm(&state, &sregs);
	}
	return rm_vcpu_store_state(vcpu, &state);
}

long rm_vcpu_take_sync_regs(struct rm_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	u64 valid = READ_ONCE(run->kvm_valid_regs), dirty = READ_ONCE(run->kvm_dirty_regs);
	long r;

	vcpu->sync_regs = 0;
	if ((valid | dirty) & ~SYNC_FIELDS)
		return -EINVAL;
	if (dirty) {
		r = take_regs(vcpu, dirty);
		if (r)
			return r;
		run->kvm_dirty_regs = 0;
	}
	vcpu->sync_regs = valid;
	return 0;
}

long rm_vcpu_give_sync_regs(struct rm_vcpu *vcpu)
{
	const struct visor_vcpu_state *state;

	if (!vcpu->sync_regs)
		return 0;
	state = rm_vcpu_load_state(vcpu);
	if (IS_ERR(state))
		return PTR_ERR(state);
	if (vcpu->sync_regs & KVM_SYNC_X86_REGS)
		regs_to_kvm(&vcpu->run->s.regs.regs, state);
	if (vcpu->sync_regs & KVM_SYNC_X86_SREGS)
		sregs_to_kvm(&vcpu->run->s.regs.sregs, state);
	return 0;
}
