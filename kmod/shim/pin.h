/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/types.h>

struct mm_struct;
struct page;

/*
 * Pins @count pages of the current task's memory for long term and accounts
 * them to @mm (the current one). Error pointers: ENOMEM (no memory, or over
 * RLIMIT_MEMLOCK), EFAULT (not mapped, or not writable), EINTR (killed).
 */
struct page **pin_pages(struct mm_struct *mm, u64 address, unsigned long count, bool writable);
/* From any task; @mm must be held by mmgrab(). */
void pin_release(struct mm_struct *mm, struct page **pages, unsigned long count, bool writable);
