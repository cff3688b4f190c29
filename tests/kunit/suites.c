// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>

#include "suites.h"

kunit_test_suites(&ports_suite, &ring_suite, &memslot_suite, &guest_walk_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suites of rmvisor's shim");
