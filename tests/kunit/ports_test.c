// SPDX-License-Identifier: GPL-2.0-only
/* Ports for a guest, against the machine's own list of who has which. */
#include <linux/bitmap.h>
#include <linux/io.h>
#include <linux/ioport.h>

#include <kunit/test.h>

#include "ports.h"
#include "suites.h"

#define ALL_PORTS 0x10000u
/* Nobody has these. */
#define FIRST 0xa200u

static int pass(struct rm_ports *ports, u32 first, u32 count, u32 flags)
{
	const struct rmvisor_ports wanted = { .first = first, .count = count, .flags = flags };

	return rm_ports_pass(ports, &wanted);
}

/* How many ports the guest reaches. */
static unsigned int passed(const struct rm_ports *ports)
{
	return ports->bitmap ? ALL_PORTS - bitmap_weight(ports->bitmap, ALL_PORTS) : 0;
}

static void the_ports_and_no_others(struct kunit *test)
{
	struct rm_ports ports = {};
	u32 port;

	KUNIT_EXPECT_EQ(test, rm_ports_bitmap(&ports), 0);
	KUNIT_EXPECT_EQ(test, pass(&ports, FIRST, 5, 0), 0);
	KUNIT_EXPECT_EQ(test, passed(&ports), 5);
	for (port = FIRST; port < FIRST + 5; port++)
		KUNIT_EXPECT_FALSE(test, test_bit(port, ports.bitmap));
	KUNIT_EXPECT_EQ(test, rm_ports_bitmap(&ports), virt_to_phys(ports.bitmap));
	rm_ports_free(&ports);
}

static void ranges_that_are_none(struct kunit *test)
{
	static const struct {
		u32 first, count, flags;
	} bad[] = {
		{ FIRST, 0, 0 }, { ALL_PORTS, 1, 0 }, { ALL_PORTS - 1, 2, 0 }, { 1, ALL_PORTS, 0 },
		{ ~0u, 2, 0 }, { 2, ~0u, 0 }, { FIRST, 1, ~RMVISOR_PORTS_SHARED },
	};
	struct rm_ports ports = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, pass(&ports, bad[i].first, bad[i].count, bad[i].flags),
				    -EINVAL, "%#x + %#x", bad[i].first, bad[i].count);
	KUNIT_EXPECT_EQ(test, passed(&ports), 0);
	rm_ports_free(&ports);
}

static void what_somebody_has(struct kunit *test)
{
	struct resource *theirs = request_region(FIRST + 2, 2, "rmvisor_kunit");
	struct rm_ports ports = {};

	KUNIT_EXPECT_NOT_NULL(test, theirs);
	KUNIT_EXPECT_EQ(test, pass(&ports, FIRST, 4, 0), -EBUSY);
	KUNIT_EXPECT_EQ(test, passed(&ports), 0);
	KUNIT_EXPECT_EQ(test, pass(&ports, FIRST, 4, RMVISOR_PORTS_SHARED), 0);
	KUNIT_EXPECT_EQ(test, passed(&ports), 4);
	rm_ports_free(&ports);
	/* theirs it is still */
	KUNIT_EXPECT_NULL(test, request_region(FIRST + 2, 1, "rmvisor_kunit"));
	release_region(FIRST + 2, 2);
}

static void freeing_gives_back(struct kunit *test)
{
	struct rm_ports ports = {}, other = {};
	u32 i;

	for (i = 0; i < RMVISOR_PORT_RANGES; i++)
		KUNIT_EXPECT_EQ(test, pass(&ports, FIRST + 2 * i, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, pass(&ports, FIRST + 2 * i, 1, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, passed(&ports), RMVISOR_PORT_RANGES);
	KUNIT_EXPECT_EQ(test, pass(&other, FIRST, 1, 0), -EBUSY);
	rm_ports_free(&ports);
	KUNIT_EXPECT_EQ(test, pass(&other, FIRST, 2 * RMVISOR_PORT_RANGES, 0), 0);
	rm_ports_free(&other);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(the_ports_and_no_others),
	KUNIT_CASE(ranges_that_are_none),
	KUNIT_CASE(what_somebody_has),
	KUNIT_CASE(freeing_gives_back),
	{}
};

struct kunit_suite ports_suite = {
	.name = "rmvisor_ports",
	.test_cases = cases,
};
