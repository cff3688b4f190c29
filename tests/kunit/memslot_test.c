// SPDX-License-Identifier: GPL-2.0-only
/* Memory slots on real pages of a real program: pinned, counted, mapped, given back. */
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "guest.h"
#include "suites.h"

#define BASE 0x100000ul

static unsigned long locked(const struct guest *g)
{
	return READ_ONCE(g->vm.mm->locked_vm);
}

static u8 __user *user_page(const struct guest *g, unsigned long page)
{
	return (u8 __user *)(g->user + (page << PAGE_SHIFT));
}

/* What the program writes is what the mapped page holds, and the other way round. */
static void expect_shared(struct kunit *test, unsigned long page, u64 guest_physical)
{
	struct guest *g = test->priv;
	u8 *memory = rm_memslot_map(&g->vm, guest_physical, true);
	u8 seen = 0;

	KUNIT_EXPECT_NOT_NULL(test, memory);
	if (!memory)
		return;
	KUNIT_EXPECT_EQ(test, put_user((u8)(0xa0 + page), user_page(g, page)), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(memory[0]), 0xa0 + page);
	memory[1] = 0x55;
	KUNIT_EXPECT_EQ(test, get_user(seen, user_page(g, page) + 1), 0);
	KUNIT_EXPECT_EQ(test, seen, 0x55);
	kunmap_local(memory);
}

static void slot_has_the_programs_pages(struct kunit *test)
{
	struct guest *g = test->priv;
	unsigned long before = locked(g), i;

	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 0, BASE, 0, 4, 0), 0);
	KUNIT_EXPECT_EQ(test, locked(g), before + 4);
	KUNIT_EXPECT_EQ(test, border_count(&g->memory), 4);
	for (i = 0; i < 4; i++) {
		u64 address = BASE + (i << PAGE_SHIFT);

		expect_shared(test, i, address);
		KUNIT_EXPECT_EQ(test, border_mapping(&g->memory, address),
				page_to_phys(g->vm.slots[0]->pages[i]) | 1);
		KUNIT_EXPECT_TRUE(test, page_maybe_dma_pinned(g->vm.slots[0]->pages[i]));
	}
	KUNIT_EXPECT_NULL(test, rm_memslot_map(&g->vm, BASE - 1, false));
	KUNIT_EXPECT_NULL(test, rm_memslot_map(&g->vm, BASE + (4 << PAGE_SHIFT), false));
}

static void deleting_gives_back(struct kunit *test)
{
	struct guest *g = test->priv;
	unsigned long before = locked(g);
	struct page *page;

	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 3, BASE, 0, 8, 0), 0);
	page = g->vm.slots[3] ? g->vm.slots[3]->pages[0] : NULL;
	KUNIT_EXPECT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 3, BASE, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, locked(g), before);
	KUNIT_EXPECT_EQ(test, border_count(&g->memory), 0);
	KUNIT_EXPECT_FALSE(test, page && page_maybe_dma_pinned(page));
	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 3, BASE, 0, 0, 0), -EINVAL);
}

static void moving_keeps_the_pages(struct kunit *test)
{
	struct guest *g = test->priv;

	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 0, BASE, 0, 4, 0), 0);
	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 0, 2 * BASE, 0, 4, 0), 0);
	KUNIT_EXPECT_EQ(test, border_mapping(&g->memory, BASE), 0);
	KUNIT_EXPECT_EQ(test, border_count(&g->memory), 4);
	expect_shared(test, 3, 2 * BASE + (3 << PAGE_SHIFT));
}

static void refusals_change_nothing(struct kunit *test)
{
	static const struct {
		const char *why;
		long error;
		u32 slot;
		u64 guest_physical;
		unsigned long from, pages;
		u32 flags;
	} refused[] = {
		{ "overlap", -EEXIST, 1, BASE + PAGE_SIZE, 8, 2, 0 },
		{ "overlap from below", -EEXIST, 1, BASE - PAGE_SIZE, 8, 2, 0 },
		{ "not aligned", -EINVAL, 1, 2 * BASE + 1, 8, 2, 0 },
		{ "flags", -EINVAL, 1, 2 * BASE, 8, 2, KVM_MEM_LOG_DIRTY_PAGES },
		{ "other size", -EINVAL, 0, BASE, 0, 5, 0 },
		{ "other flags", -EINVAL, 0, BASE, 0, 4, KVM_MEM_READONLY },
		{ "no such slot", -EINVAL, RM_MEMSLOTS, 2 * BASE, 8, 2, 0 },
		{ "beyond the address width", -EINVAL, 1, ~0ull << 20, 8, 2, 0 },
		{ "a hole in the program's memory", -EFAULT, 1, 2 * BASE, GUEST_PAGES - 2, 3, 0 },
	};
	struct guest *g = test->priv;
	unsigned long before;
	size_t i;

	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 0, BASE, 0, 4, 0), 0);
	before = locked(g);
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		KUNIT_EXPECT_EQ_MSG(test, refused[i].error,
				    guest_set_slot(g, refused[i].slot, refused[i].guest_physical,
						   refused[i].from, refused[i].pages,
						   refused[i].flags),
				    "%s", refused[i].why);
		KUNIT_EXPECT_EQ_MSG(test, locked(g), before, "%s", refused[i].why);
		KUNIT_EXPECT_EQ_MSG(test, border_count(&g->memory), 4, "%s", refused[i].why);
	}
}

static void read_only_memory_is_not_written(struct kunit *test)
{
	struct guest *g = test->priv;
	void *memory;

	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 0, BASE, 0, 1, KVM_MEM_READONLY), 0);
	KUNIT_EXPECT_EQ(test, border_mapping(&g->memory, BASE) & 1, 0);
	KUNIT_EXPECT_NULL(test, rm_memslot_map(&g->vm, BASE, true));
	memory = rm_memslot_map(&g->vm, BASE, false);
	KUNIT_EXPECT_NOT_NULL(test, memory);
	if (memory)
		kunmap_local(memory);
}

static void tables_that_run_out_undo_it(struct kunit *test)
{
	struct guest *g = test->priv;
	unsigned long before = locked(g);

	g->memory.maps_left = 5;
	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 0, BASE, 0, 8, 0), -ENOMEM);
	KUNIT_EXPECT_EQ(test, locked(g), before);
	KUNIT_EXPECT_EQ(test, border_count(&g->memory), 0);
	KUNIT_EXPECT_NULL(test, g->vm.slots[0]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(slot_has_the_programs_pages),
	KUNIT_CASE(deleting_gives_back),
	KUNIT_CASE(moving_keeps_the_pages),
	KUNIT_CASE(refusals_change_nothing),
	KUNIT_CASE(read_only_memory_is_not_written),
	KUNIT_CASE(tables_that_run_out_undo_it),
	{}
};

struct kunit_suite memslot_suite = {
	.name = "rmvisor_memslot",
	.suite_init = guest_suite_init,
	.suite_exit = guest_suite_exit,
	.init = guest_init,
	.exit = guest_exit,
	.test_cases = cases,
};
