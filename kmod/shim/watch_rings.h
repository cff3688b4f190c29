/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "rm_cpu.h"

/*
 * watch_resize() under all of its locks. @tell: makes every CPU follow; 0 or an
 * errno.
 */
int watch_rings_replace(u32 records, int (*tell)(void));
