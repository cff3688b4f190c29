// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients of KVM expect its local APIC to be whole: no exit for any register. Of
 * the instructions that can read one, everybody uses the plain load, and that one
 * is done here; root, which holds no decoder, has no part in it.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "apic_read.h"
#include "guest_insn.h"
#include "insn_load.h"
#include "mailbox.h"
#include "vcpu.h"

/* SDM: Exit Qualification for APIC-Access VM Exits from Linear Accesses. */
#define ACCESS_TYPE(qualification) (((qualification) >> 12) & 0xf)
#define ACCESS_LINEAR_READ 0
#define REGISTER_STRIDE 16

/* The registers that KVM_GET_LAPIC has; a step of the guest's or of a debugger's is user space's. */
static bool is_for_here(const struct rm_vcpu *vcpu)
{
	const struct visor_stop *stop = &vcpu->stop;
	u32 offset = offset_in_page(stop->guest_physical);

	return stop->reason == VISOR_STOP_MEMORY && stop->exit_reason == EXIT_REASON_APIC_ACCESS &&
	       ACCESS_TYPE(stop->qualification) == ACCESS_LINEAR_READ && !stop->idt_vectoring &&
	       !(stop->rflags & X86_EFLAGS_TF) && !vcpu->is_debugged &&
	       offset < KVM_APIC_REG_SIZE && offset % REGISTER_STRIDE == 0;
}

static int read_register(struct rm_vcpu *vcpu, u32 *value)
{
	struct visor_lapic_state *lapic = kmalloc(sizeof(*lapic), GFP_KERNEL_ACCOUNT);
	int r;

	if (!lapic)
		return -ENOMEM;
	r = mailbox_get_group(vcpu->cpu, VISOR_GROUP_LAPIC, lapic, sizeof(*lapic));
	if (!r)
		memcpy(value, lapic->registers + offset_in_page(vcpu->stop.guest_physical),
		       sizeof(*value));
	kfree(lapic);
	return r;
}

static int finish_load(struct rm_vcpu *vcpu, const struct insn_load *load, u32 value)
{
	const struct visor_vcpu_state *old = rm_vcpu_load_state(vcpu);
	struct visor_vcpu_state state;
	u64 *gprs = (u64 *)&state.gprs;

	BUILD_BUG_ON(offsetof(struct rmv_gprs, r15) != 15 * sizeof(*gprs));
	if (IS_ERR(old))
		return PTR_ERR(old);
	state = *old;
	gprs[load->reg] = value;
	state.rip += load->length;
	return rm_vcpu_store_state(vcpu, &state);
}

int apic_read_service(struct rm_vcpu *vcpu)
{
	u8 bytes[GUEST_INSN_BYTES];
	struct insn_load load;
	u32 count, value;
	int r;

	if (!is_for_here(vcpu))
		return 0;
	count = guest_insn_fetch(vcpu, bytes);
	if (!insn_load_decode(bytes, count, guest_insn_code_bits(vcpu), &load))
		return 0;
	r = read_register(vcpu, &value);
	if (!r)
		r = finish_load(vcpu, &load, value);
	return r ?: 1;
}
