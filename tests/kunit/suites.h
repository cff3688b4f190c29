/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <kunit/test.h>

extern struct kunit_suite ports_suite;
extern struct kunit_suite ring_suite;
extern struct kunit_suite memslot_suite;
extern struct kunit_suite guest_walk_suite;
