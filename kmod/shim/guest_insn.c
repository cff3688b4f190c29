// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a stopped guest is about to do, for an owner that has to do it instead.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <asm/msr-index.h>

#include "guest_insn.h"
#include "guest_walk.h"
#include "vcpu.h"
#include "vm.h"

#define ACCESS_LONG BIT(13)	/* SDM: Guest Register State, access rights */
#define ACCESS_BIG BIT(14)
#define NOP 0x90

static bool is_64bit_code(const struct visor_vcpu_state *s)
{
	return (s->efer & EFER_LMA) && (s->cs.access_rights & ACCESS_LONG);
}

u32 guest_insn_code_bits(const struct rm_vcpu *vcpu)
{
	if (is_64bit_code(&vcpu->state))
		return 64;
	return vcpu->state.cs.access_rights & ACCESS_BIG ? 32 : 16;
}

static u64 linear_rip(const struct visor_vcpu_state *s)
{
	return is_64bit_code(s) ? s->rip : (u32)(s->cs.base + s->rip);
}

/* Bytes up to the end of the segment, and no more than an instruction has. */
static u32 bytes_in_segment(const struct visor_vcpu_state *s)
{
	if (is_64bit_code(s))
		return GUEST_INSN_BYTES;
	if (s->rip > s->cs.limit)
		return 0;
	return min_t(u64, GUEST_INSN_BYTES, s->cs.limit - s->rip + 1);
}

u32 guest_insn_fetch(struct rm_vcpu *vcpu, u8 bytes[GUEST_INSN_BYTES])
{
	const struct visor_vcpu_state *state = rm_vcpu_load_state(vcpu);
	struct guest_walk walk = { .vm = vcpu->vm, .state = state };
	u8 found[GUEST_INSN_BYTES];
	u32 count, whole_page;
	u64 linear;

	if (IS_ERR(state) || mutex_lock_killable(&vcpu->vm->lock))
		return 0;
	memset(found, NOP, sizeof(found));
	linear = linear_rip(state);
	count = bytes_in_segment(state);
	if (guest_walk_move(&walk, linear, found, count) != GUEST_WALK_OK) {
		/* The next page may have nothing to do with it. */
		whole_page = PAGE_SIZE - offset_in_page(linear);
		count = min(count, whole_page);
		if (guest_walk_move(&walk, linear, found, count) != GUEST_WALK_OK)
			count = 0;
	}
	mutex_unlock(&vcpu->vm->lock);
	memcpy(bytes, found, sizeof(found));
	return count;
}
