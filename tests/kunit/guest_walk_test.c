// SPDX-License-Identifier: GPL-2.0-only
/* Page tables that stand in a program's memory, walked as the CPU walks them. */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <asm/msr-index.h>
#include <asm/pgtable_types.h>
#include <asm/processor-flags.h>
#include <asm/trap_pf.h>

#include "guest.h"
#include "guest_walk.h"
#include "suites.h"

/* Guest-physical pages of one slot at 0. */
enum { TOP = 0x1000, THIRD = 0x2000, SECOND = 0x3000, LOWEST = 0x4000, DATA = 0x8000 };
#define LINEAR 0x7f1234567000ull
#define RIGHTS (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)

static u64 *entry(struct guest *g, u64 table, unsigned int level, u64 linear)
{
	u64 *page = rm_memslot_map(&g->vm, table, true);

	return page + ((linear >> (PAGE_SHIFT + (level - 1) * 9)) & 511);
}

static void set_entry(struct guest *g, u64 table, unsigned int level, u64 linear, u64 value)
{
	u64 *place = entry(g, table, level, linear);

	*place = value;
	kunmap_local(place);
}

static u64 get_entry(struct guest *g, u64 table, unsigned int level, u64 linear)
{
	u64 *place = entry(g, table, level, linear), value = *place;

	kunmap_local(place);
	return value;
}

/* Two pages of linear memory, the second one's data before the first one's. */
static void four_levels(struct kunit *test, struct visor_vcpu_state *state)
{
	struct guest *g = test->priv;

	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 0, 0, 0, 16, 0), 0);
	set_entry(g, TOP, 4, LINEAR, THIRD | RIGHTS);
	set_entry(g, THIRD, 3, LINEAR, SECOND | RIGHTS);
	set_entry(g, SECOND, 2, LINEAR, LOWEST | RIGHTS);
	set_entry(g, LOWEST, 1, LINEAR, (DATA + PAGE_SIZE) | RIGHTS);
	set_entry(g, LOWEST, 1, LINEAR + PAGE_SIZE, DATA | RIGHTS);
	*state = (struct visor_vcpu_state){
		.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_WP,
		.cr3 = TOP,
		.cr4 = X86_CR4_PAE,
		.efer = EFER_LME | EFER_LMA,
	};
}

static void across_two_pages(struct kunit *test)
{
	static const char text[] = "across";
	struct guest *g = test->priv;
	struct visor_vcpu_state state;
	struct guest_walk walk = { .vm = &g->vm, .state = &state, .write = true };
	char back[sizeof(text)] = "";
	char *page;

	four_levels(test, &state);
	KUNIT_EXPECT_EQ(test, guest_walk_move(&walk, LINEAR + PAGE_SIZE - 3, (void *)text,
					      sizeof(text)), GUEST_WALK_OK);
	page = rm_memslot_map(&g->vm, DATA, false);
	KUNIT_EXPECT_STREQ(test, page, "oss");
	kunmap_local(page);
	walk = (struct guest_walk){ .vm = &g->vm, .state = &state };
	KUNIT_EXPECT_EQ(test, guest_walk_move(&walk, LINEAR + PAGE_SIZE - 3, back, sizeof(back)),
			GUEST_WALK_OK);
	KUNIT_EXPECT_STREQ(test, back, text);
}

static void accessed_and_dirty_bits(struct kunit *test)
{
	struct guest *g = test->priv;
	struct visor_vcpu_state state;
	struct guest_walk walk = { .vm = &g->vm, .state = &state };
	u8 byte;

	four_levels(test, &state);
	KUNIT_EXPECT_EQ(test, guest_walk_move(&walk, LINEAR, &byte, 1), GUEST_WALK_OK);
	KUNIT_EXPECT_EQ(test, get_entry(g, TOP, 4, LINEAR), THIRD | RIGHTS | _PAGE_ACCESSED);
	KUNIT_EXPECT_EQ(test, get_entry(g, LOWEST, 1, LINEAR),
			(DATA + PAGE_SIZE) | RIGHTS | _PAGE_ACCESSED);
	walk = (struct guest_walk){ .vm = &g->vm, .state = &state, .write = true };
	KUNIT_EXPECT_EQ(test, guest_walk_move(&walk, LINEAR, &byte, 1), GUEST_WALK_OK);
	KUNIT_EXPECT_EQ(test, get_entry(g, LOWEST, 1, LINEAR),
			(DATA + PAGE_SIZE) | RIGHTS | _PAGE_ACCESSED | _PAGE_DIRTY);
	KUNIT_EXPECT_EQ(test, get_entry(g, TOP, 4, LINEAR), THIRD | RIGHTS | _PAGE_ACCESSED);
	KUNIT_EXPECT_EQ(test, get_entry(g, LOWEST, 1, LINEAR + PAGE_SIZE), DATA | RIGHTS);
}

static void faults_are_the_guests(struct kunit *test)
{
	struct guest *g = test->priv;
	struct visor_vcpu_state state;
	struct guest_walk walk = { .vm = &g->vm, .state = &state, .write = true };
	u8 byte = 0;

	four_levels(test, &state);
	set_entry(g, LOWEST, 1, LINEAR, DATA | _PAGE_PRESENT);
	KUNIT_EXPECT_EQ(test, guest_walk_move(&walk, LINEAR, &byte, 1), GUEST_WALK_FAULT);
	KUNIT_EXPECT_EQ(test, walk.fault_address, LINEAR);
	KUNIT_EXPECT_EQ(test, walk.fault_error, X86_PF_PROT | X86_PF_WRITE);
	set_entry(g, SECOND, 2, LINEAR, 0);
	KUNIT_EXPECT_EQ(test, guest_walk_move(&walk, LINEAR, &byte, 1), GUEST_WALK_FAULT);
	KUNIT_EXPECT_EQ(test, walk.fault_error, X86_PF_WRITE);
	set_entry(g, SECOND, 2, LINEAR, 0x100000 | RIGHTS);
	KUNIT_EXPECT_EQ(test, guest_walk_move(&walk, LINEAR, &byte, 1), GUEST_WALK_NO_MEMORY);
}

static void without_paging(struct kunit *test)
{
	struct guest *g = test->priv;
	const struct visor_vcpu_state state = {};
	struct guest_walk walk = { .vm = &g->vm, .state = &state };
	u8 bytes[8];

	KUNIT_EXPECT_EQ(test, guest_set_slot(g, 0, 0, 0, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, guest_walk_move(&walk, PAGE_SIZE - 4, bytes, 8), GUEST_WALK_OK);
	KUNIT_EXPECT_EQ(test, guest_walk_move(&walk, 2 * PAGE_SIZE - 4, bytes, 8),
			GUEST_WALK_NO_MEMORY);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(across_two_pages),
	KUNIT_CASE(accessed_and_dirty_bits),
	KUNIT_CASE(faults_are_the_guests),
	KUNIT_CASE(without_paging),
	{}
};

struct kunit_suite guest_walk_suite = {
	.name = "rmvisor_guest_walk",
	.suite_init = guest_suite_init,
	.suite_exit = guest_suite_exit,
	.init = guest_init,
	.exit = guest_exit,
	.test_cases = cases,
};
