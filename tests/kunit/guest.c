// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kthread.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>

#include "guest.h"

/* Of the program that runs insmod; suites are run one after the other. */
static struct mm_struct *program;
static unsigned long program_memory;

#define PROGRAM_BYTES (GUEST_PAGES << PAGE_SHIFT)

/* In the program's context. One page more, taken out again: behind the memory there is a hole. */
int guest_suite_init(struct kunit_suite *suite)
{
	unsigned long address = vm_mmap(NULL, 0, PROGRAM_BYTES + PAGE_SIZE, PROT_READ | PROT_WRITE,
					MAP_ANONYMOUS | MAP_PRIVATE, 0);

	if (IS_ERR_VALUE(address))
		return (long)address;
	vm_munmap(address + PROGRAM_BYTES, PAGE_SIZE);
	program = current->mm;
	program_memory = address;
	return 0;
}

void guest_suite_exit(struct kunit_suite *suite)
{
	vm_munmap(program_memory, PROGRAM_BYTES);
}

int guest_init(struct kunit *test)
{
	struct guest *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);

	if (!g)
		return -ENOMEM;
	kthread_use_mm(program);
	border_init(&g->memory);
	mutex_init(&g->vm.lock);
	g->vm.mm = program;
	g->vm.memory = &g->memory;
	g->user = program_memory;
	test->priv = g;
	return 0;
}

void guest_exit(struct kunit *test)
{
	struct guest *g = test->priv;

	if (!g)
		return;
	rm_memslots_free(&g->vm);
	border_destroy(&g->memory);
	kthread_unuse_mm(program);
}

long guest_set_slot(struct guest *g, u32 slot, u64 guest_physical, unsigned long from,
		    unsigned long pages, u32 flags)
{
	const struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = guest_physical,
		.memory_size = pages << PAGE_SHIFT,
		.userspace_addr = g->user + (from << PAGE_SHIFT),
	};

	return rm_memslot_set(&g->vm, &region);
}
