// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of a stopped vCPU, between KVM's structs and the visor's. The
 * cached state is what the dedicated CPU has; a change goes there at once.
 */
#include <linux/kvm.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "mailbox.h"
#include "segment.h"
#include "vcpu.h"
#include "vcpu_regs.h"

#define CR8_MAX 15

long rm_vcpu_get_regs(struct rm_vcpu *vcpu, void __user *argument)
{
	const struct rmv_gprs *g = &vcpu->state.gprs;
	struct kvm_regs regs = {
		.rax = g->rax, .rbx = g->rbx, .rcx = g->rcx, .rdx = g->rdx,
		.rsi = g->rsi, .rdi = g->rdi, .rsp = g->rsp, .rbp = g->rbp,
		.r8 = g->r8, .r9 = g->r9, .r10 = g->r10, .r11 = g->r11,
		.r12 = g->r12, .r13 = g->r13, .r14 = g->r14, .r15 = g->r15,
		.rip = vcpu->state.rip, .rflags = vcpu->state.rflags,
	};

	return copy_to_user(argument, &regs, sizeof(regs)) ? -EFAULT : 0;
}

/* The new state reaches the CPU or nothing changes. */
static long replace_state(struct rm_vcpu *vcpu, const struct visor_vcpu_state *state)
{
	int r = mailbox_set_state(vcpu->cpu, state);

	/* Read back: the architecture fixes bits that the caller left open. */
	return r ?: mailbox_get_state(vcpu->cpu, &vcpu->state);
}

long rm_vcpu_set_regs(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_vcpu_state state = vcpu->state;
	struct kvm_regs r;

	if (copy_from_user(&r, argument, sizeof(r)))
		return -EFAULT;
	state.gprs = (struct rmv_gprs){
		.rax = r.rax, .rbx = r.rbx, .rcx = r.rcx, .rdx = r.rdx,
		.rsi = r.rsi, .rdi = r.rdi, .rsp = r.rsp, .rbp = r.rbp,
		.r8 = r.r8, .r9 = r.r9, .r10 = r.r10, .r11 = r.r11,
		.r12 = r.r12, .r13 = r.r13, .r14 = r.r14, .r15 = r.r15,
	};
	state.rip = r.rip;
	state.rflags = r.rflags | X86_EFLAGS_FIXED;
	return replace_state(vcpu, &state);
}

long rm_vcpu_get_sregs(struct rm_vcpu *vcpu, void __user *argument)
{
	const struct visor_vcpu_state *s = &vcpu->state;
	struct kvm_sregs sregs = {
		.cr0 = s->cr0, .cr2 = s->cr2, .cr3 = s->cr3, .cr4 = s->cr4, .cr8 = s->cr8,
		.efer = s->efer, .apic_base = s->apic_base,
	};

	segment_to_kvm(&sregs.cs, &s->cs);
	segment_to_kvm(&sregs.ds, &s->ds);
	segment_to_kvm(&sregs.es, &s->es);
	segment_to_kvm(&sregs.fs, &s->fs);
	segment_to_kvm(&sregs.gs, &s->gs);
	segment_to_kvm(&sregs.ss, &s->ss);
	segment_to_kvm(&sregs.tr, &s->tr);
	segment_to_kvm(&sregs.ldt, &s->ldt);
	table_to_kvm(&sregs.gdt, &s->gdt);
	table_to_kvm(&sregs.idt, &s->idt);
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
		return (s->cr4 & X86_CR4_PAE) && (s->efer & EFER_LMA);
	return !(s->efer & EFER_LMA) && !s->cs.l;
}

static void segments_from_kvm(struct visor_vcpu_state *state, const struct kvm_sregs *s)
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
}

long rm_vcpu_set_sregs(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_vcpu_state state = vcpu->state;
	struct kvm_sregs s;

	if (copy_from_user(&s, argument, sizeof(s)))
		return -EFAULT;
	if (!sregs_valid(&s))
		return -EINVAL;
	segments_from_kvm(&state, &s);
	state.cr0 = s.cr0;
	state.cr2 = s.cr2;
	state.cr3 = s.cr3;
	state.cr4 = s.cr4;
	state.cr8 = s.cr8;
	state.efer = s.efer;
	state.apic_base = s.apic_base;
	return replace_state(vcpu, &state);
}
