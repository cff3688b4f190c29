// SPDX-License-Identifier: GPL-2.0-only
// What ring.c and trace_merge.c find of the kernel and of the rest of the shim.
#include "trace/shim.hpp"

extern "C" {
unsigned int fake_possible_cpus = 0;
rw_semaphore rm_ring_lock;
rm_cpu** rm_cpus;
void (*fake_at_rmb)();
}
