/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory: the caller's own pages, pinned for as long as the slot exists
 * and accounted to its memlock limit.
 */
#pragma once

#include <linux/types.h>

#define RM_MEMSLOTS 128

struct kvm_userspace_memory_region;
struct page;
struct rm_vm;

struct rm_memslot {
	u64 guest_physical;
	u64 user_address;
	unsigned long count;		/* pages */
	bool readonly;
	struct page **pages;
};

/*
 * KVM_SET_USER_MEMORY_REGION, under vm->lock. Errors as KVM's: EINVAL, EEXIST
 * (overlap), ENOMEM (also: over RLIMIT_MEMLOCK); and EFAULT when the range is
 * not mapped now, since pages are pinned at once. An error changes nothing.
 */
long rm_memslot_set(struct rm_vm *vm, const struct kvm_userspace_memory_region *region);
void rm_memslots_free(struct rm_vm *vm);

/*
 * The page of guest memory with this guest-physical address, mapped, under
 * vm->lock; the caller ends it with kunmap_local(). NULL: no slot has it, or
 * only a read-only one and @write is set.
 */
void *rm_memslot_map(struct rm_vm *vm, u64 guest_physical, bool write);
