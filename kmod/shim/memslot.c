// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory slots: KVM's rules for creating, moving and deleting them.
 */
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/processor.h>

#include "memslot.h"
#include "pin.h"
#include "report.h"
#include "vcpu.h"
#include "vm.h"
#include "vm_apic.h"

/* Pages between two chances for others to run. */
#define RESCHEDULE_PAGES 512
#define EPT_ADDRESS_BITS 48

static u64 slot_bytes(const struct rm_memslot *slot)
{
	return (u64)slot->count << PAGE_SHIFT;
}

static u64 guest_limit(void)
{
	return BIT_ULL(min_t(unsigned int, boot_cpu_data.x86_phys_bits, EPT_ADDRESS_BITS));
}

/* In the order of KVM's own checks. */
static int check_region(const struct kvm_userspace_memory_region *region)
{
	if (region->flags & ~KVM_MEM_READONLY)
		return -EINVAL;
	if (!PAGE_ALIGNED(region->memory_size) || !PAGE_ALIGNED(region->guest_phys_addr))
		return -EINVAL;
	if (!PAGE_ALIGNED(region->userspace_addr) ||
	    !access_ok((void __user *)(unsigned long)region->userspace_addr, region->memory_size))
		return -EINVAL;
	if (region->slot >= RM_MEMSLOTS)
		return -EINVAL;
	if (region->guest_phys_addr + region->memory_size < region->guest_phys_addr ||
	    region->guest_phys_addr + region->memory_size > guest_limit())
		return -EINVAL;
	return (region->memory_size >> PAGE_SHIFT) > INT_MAX ? -EINVAL : 0;
}

static bool overlaps_other(const struct rm_vm *vm, const struct kvm_userspace_memory_region *region)
{
	u64 start = region->guest_phys_addr, end = start + region->memory_size;
	u32 i;

	for (i = 0; i < RM_MEMSLOTS; i++) {
		const struct rm_memslot *slot = vm->slots[i];

		if (slot && i != region->slot && start < slot->guest_physical + slot_bytes(slot) &&
		    slot->guest_physical < end)
			return true;
	}
	return false;
}

static void unmap_pages(struct rm_vm *vm, u64 guest_physical, unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		visor_guest_memory_unmap(vm->memory, guest_physical + ((u64)i << PAGE_SHIFT));
		if (i % RESCHEDULE_PAGES == 0)
			cond_resched();
	}
}

/* All of the slot's pages or none. */
static int map_pages(struct rm_vm *vm, const struct rm_memslot *slot, u64 guest_physical)
{
	unsigned long i;
	rmv_u32 status;

	for (i = 0; i < slot->count; i++) {
		status = visor_guest_memory_map(vm->memory, guest_physical + ((u64)i << PAGE_SHIFT),
						page_to_phys(slot->pages[i]), !slot->readonly);
		if (status) {
			unmap_pages(vm, guest_physical, i);
			return report_errno(status);
		}
		if (i % RESCHEDULE_PAGES == 0)
			cond_resched();
	}
	return 0;
}

/* Root does INVEPT when the generation has changed; the vCPUs are stopped. */
static void tell_vcpus(struct rm_vm *vm)
{
	u32 id;

	for (id = 0; id < RM_VCPUS; id++)
		if (vm->vcpus[id])
			rm_vcpu_memory_changed(vm->vcpus[id]);
}

static void free_slot(struct rm_vm *vm, struct rm_memslot *slot)
{
	pin_release(vm->mm, slot->pages, slot->count, !slot->readonly);
	kfree(slot);
}

static struct rm_memslot *alloc_slot(struct rm_vm *vm,
				     const struct kvm_userspace_memory_region *region)
{
	struct rm_memslot *slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);

	if (!slot)
		return ERR_PTR(-ENOMEM);
	slot->guest_physical = region->guest_phys_addr;
	slot->user_address = region->userspace_addr;
	slot->count = region->memory_size >> PAGE_SHIFT;
	slot->readonly = region->flags & KVM_MEM_READONLY;
	slot->pages = pin_pages(vm->mm, slot->user_address, slot->count, !slot->readonly);
	if (IS_ERR(slot->pages)) {
		long r = PTR_ERR(slot->pages);

		kfree(slot);
		return ERR_PTR(r);
	}
	return slot;
}

static int create_slot(struct rm_vm *vm, const struct kvm_userspace_memory_region *region)
{
	struct rm_memslot *slot = alloc_slot(vm, region);
	int r;

	if (IS_ERR(slot))
		return PTR_ERR(slot);
	r = rm_vm_stop_all(vm);
	if (r)
		goto free;
	r = map_pages(vm, slot, slot->guest_physical);
	tell_vcpus(vm);
	rm_vm_continue_all(vm);
	if (r)
		goto free;
	vm->slots[region->slot] = slot;
	return 0;
free:
	free_slot(vm, slot);
	return r;
}

static int delete_slot(struct rm_vm *vm, u32 number)
{
	struct rm_memslot *slot = vm->slots[number];

	int r;

	if (!slot)
		return -EINVAL;
	r = rm_vm_stop_all(vm);
	if (r)
		return r;
	unmap_pages(vm, slot->guest_physical, slot->count);
	tell_vcpus(vm);
	rm_vm_continue_all(vm);
	vm->slots[number] = NULL;
	free_slot(vm, slot);
	return 0;
}

static int move_slot(struct rm_vm *vm, struct rm_memslot *slot, u64 guest_physical)
{
	int r = rm_vm_stop_all(vm);

	if (r)
		return r;
	unmap_pages(vm, slot->guest_physical, slot->count);
	r = map_pages(vm, slot, guest_physical);
	if (!r)
		slot->guest_physical = guest_physical;
	else if (map_pages(vm, slot, slot->guest_physical))
		/* No memory to go back either: the slot stays, its accesses stop the guest. */
		r = -ENOMEM;
	tell_vcpus(vm);
	rm_vm_continue_all(vm);
	return r;
}

/* A slot that exists may only move: KVM's rule. */
static bool same_but_place(const struct rm_memslot *slot,
			   const struct kvm_userspace_memory_region *region)
{
	return slot->user_address == region->userspace_addr &&
	       slot_bytes(slot) == region->memory_size &&
	       slot->readonly == !!(region->flags & KVM_MEM_READONLY);
}

long rm_memslot_set(struct rm_vm *vm, const struct kvm_userspace_memory_region *region)
{
	struct rm_memslot *slot;
	int r = check_region(region);

	if (r)
		return r;
	if (!region->memory_size)
		return delete_slot(vm, region->slot);
	slot = vm->slots[region->slot];
	if (slot && !same_but_place(slot, region))
		return -EINVAL;
	if (slot && slot->guest_physical == region->guest_phys_addr)
		return 0;
	if (overlaps_other(vm, region) ||
	    rm_vm_apic_overlaps(vm, region->guest_phys_addr, region->memory_size))
		return -EEXIST;
	return slot ? move_slot(vm, slot, region->guest_phys_addr) : create_slot(vm, region);
}

void rm_memslots_free(struct rm_vm *vm)
{
	u32 i;

	for (i = 0; i < RM_MEMSLOTS; i++)
		if (vm->slots[i])
			free_slot(vm, vm->slots[i]);
}

void *rm_memslot_map(struct rm_vm *vm, u64 guest_physical, bool write)
{
	const struct rm_memslot *slot;
	u64 distance;
	u32 i;

	for (i = 0; i < RM_MEMSLOTS; i++) {
		slot = vm->slots[i];
		if (!slot || guest_physical < slot->guest_physical)
			continue;
		distance = guest_physical - slot->guest_physical;
		if (distance < slot_bytes(slot))
			return write && slot->readonly ?
				       NULL : kmap_local_page(slot->pages[distance >> PAGE_SHIFT]);
	}
	return NULL;
}
