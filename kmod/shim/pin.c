// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pinned and accounted user pages.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "pin.h"

/* Between two looks at whether the caller has been killed. */
#define CHUNK_PAGES 512

static long pin_chunk(u64 address, unsigned long count, bool writable, struct page **pages)
{
	unsigned int flags = FOLL_LONGTERM | (writable ? FOLL_WRITE : 0);

	if (fatal_signal_pending(current))
		return -EINTR;
	cond_resched();
	return pin_user_pages_fast(address, min_t(unsigned long, count, CHUNK_PAGES), flags, pages);
}

/* Returns how many were pinned; fewer than @count when *error is set. */
static unsigned long pin_all(u64 address, unsigned long count, bool writable, struct page **pages,
			     long *error)
{
	unsigned long done = 0;
	long r;

	while (done < count) {
		r = pin_chunk(address + ((u64)done << PAGE_SHIFT), count - done, writable,
			      pages + done);
		if (r <= 0) {
			*error = r ?: -EFAULT;
			break;
		}
		done += r;
	}
	return done;
}

struct page **pin_pages(struct mm_struct *mm, u64 address, unsigned long count, bool writable)
{
	unsigned long done;
	struct page **pages;
	long error;

	error = account_locked_vm(mm, count, true);
	if (error)
		return ERR_PTR(error);
	pages = kvmalloc_array(count, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	if (!pages) {
		account_locked_vm(mm, count, false);
		return ERR_PTR(-ENOMEM);
	}
	done = pin_all(address, count, writable, pages, &error);
	if (done == count)
		return pages;
	unpin_user_pages(pages, done);
	kvfree(pages);
	account_locked_vm(mm, count, false);
	return ERR_PTR(error);
}

void pin_release(struct mm_struct *mm, struct page **pages, unsigned long count, bool writable)
{
	unpin_user_pages_dirty_lock(pages, count, writable);
	kvfree(pages);
	account_locked_vm(mm, count, false);
}
