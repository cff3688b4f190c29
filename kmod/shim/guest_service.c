// SPDX-License-Identifier: GPL-2.0-only
/*
 * INS and OUTS: the visor has looked at the segment and says how many elements
 * may be moved in one go; here they are moved between guest memory and the page
 * of port data, as many as have memory behind them.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <asm/msr-index.h>

#include "apic_read.h"
#include "guest_service.h"
#include "guest_walk.h"
#include "memslot.h"
#include "vcpu.h"
#include "vm.h"

static u64 element_address(const struct visor_stop *stop, const struct visor_vcpu_state *state, u32 i)
{
	u64 distance = (u64)i * stop->size;
	u64 linear = stop->backwards ? stop->guest_linear - distance : stop->guest_linear + distance;

	return state->efer & EFER_LMA ? linear : (u32)linear;
}

static void deliver_fault(struct rm_vcpu *vcpu, const struct guest_walk *walk)
{
	vcpu->completion = (struct visor_run_args){
		.completion = VISOR_COMPLETE_PAGE_FAULT,
		.fault_address = walk->fault_address,
		.fault_error = walk->fault_error,
	};
}

/*
 * Moves @count elements, or none of their data if @data is NULL; returns how
 * many, and why not more.
 */
static u32 move_elements(struct guest_walk *walk, const struct visor_stop *stop, u8 *data, u32 count,
			 enum guest_walk_result *why)
{
	u32 i;

	*why = GUEST_WALK_OK;
	for (i = 0; i < count; i++) {
		*why = guest_walk_move(walk, element_address(stop, walk->state, i),
				       data ? data + i * stop->size : NULL, stop->size);
		if (*why != GUEST_WALK_OK)
			break;
	}
	return i;
}

static int begin_string_io(struct rm_vcpu *vcpu)
{
	const struct visor_stop *stop = &vcpu->stop;
	struct guest_walk walk = { .vm = vcpu->vm, .write = stop->in };
	u32 count = min_t(u32, stop->elements, PAGE_SIZE / stop->size);
	enum guest_walk_result why;

	walk.state = rm_vcpu_load_state(vcpu);
	if (IS_ERR(walk.state))
		return PTR_ERR(walk.state);
	if (mutex_lock_killable(&vcpu->vm->lock))
		return -EINTR;
	vcpu->elements = move_elements(&walk, stop, stop->in ? NULL : vcpu->port_data, count, &why);
	mutex_unlock(&vcpu->vm->lock);
	if (vcpu->elements || why != GUEST_WALK_FAULT)
		return 0;
	deliver_fault(vcpu, &walk);
	return 1;
}

int guest_service_input(struct rm_vcpu *vcpu)
{
	const struct visor_stop *stop = &vcpu->stop;
	struct guest_walk walk = { .vm = vcpu->vm, .write = true };
	enum guest_walk_result why;
	u32 done;

	walk.state = rm_vcpu_load_state(vcpu);
	if (IS_ERR(walk.state))
		return PTR_ERR(walk.state);
	if (mutex_lock_killable(&vcpu->vm->lock))
		return -EINTR;
	done = move_elements(&walk, stop, vcpu->port_data, vcpu->elements, &why);
	mutex_unlock(&vcpu->vm->lock);
	if (done) {
		vcpu->completion.elements = done;
		return 0;
	}
	/* The owner has taken the memory away since the stop. */
	if (why == GUEST_WALK_NO_MEMORY)
		return -EFAULT;
	deliver_fault(vcpu, &walk);
	return 0;
}

static int fetch_pdptes(struct rm_vcpu *vcpu)
{
	u64 address = vcpu->stop.guest_physical;
	void *page;

	if (mutex_lock_killable(&vcpu->vm->lock))
		return -EINTR;
	vcpu->completion = (struct visor_run_args){ .completion = VISOR_COMPLETE_NO_PDPTES };
	page = rm_memslot_map(vcpu->vm, address, false);
	if (page) {
		vcpu->completion.completion = VISOR_COMPLETE_PDPTES;
		memcpy(vcpu->completion.pdptes, page + offset_in_page(address),
		       sizeof(vcpu->completion.pdptes));
		kunmap_local(page);
	}
	mutex_unlock(&vcpu->vm->lock);
	return 1;
}

int guest_service_stop(struct rm_vcpu *vcpu)
{
	vcpu->elements = 0;
	if (vcpu->stop.reason == VISOR_STOP_PDPTES)
		return fetch_pdptes(vcpu);
	if (vcpu->stop.reason == VISOR_STOP_IO && vcpu->stop.string)
		return begin_string_io(vcpu);
	return apic_read_service(vcpu);
}
