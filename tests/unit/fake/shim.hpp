// SPDX-License-Identifier: GPL-2.0-only
// The shim of unit tests: shim_* of kmod/abi.h over an arena whose physical addresses are far from
// its virtual ones, so that mixing them up crashes. A freed page is poisoned for ASan.
#pragma once

#include "x86/types.hpp"

namespace fake {

using rmv::u64;

// Pages taken and not given back.
u64 live_pages();
// shim_alloc_page() calls so far, failed ones too.
u64 allocations();
// The n-th allocation from now (1: the next one) finds no memory, and all that follow do again.
// 0: none fails.
void fail_allocation(u64 n);
// Forgets all pages. Called by fake::Fixture.
void reset_shim();

// Where pages lie, physically; before the first one is taken.
void set_arena(u64 phys);

// Makes shim_virt_to_phys() answer for [virt, virt + bytes).
void add_virtual_range(u64 virt, u64 phys, u64 bytes);

}  // namespace fake
