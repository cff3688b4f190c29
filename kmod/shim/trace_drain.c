// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root can't call a tracepoint, and does not have to: it writes its rings as
 * always, and Linux reads them here every few milliseconds, as any reader does,
 * for as long as an event is enabled. All CPUs' records come in the order of their
 * time; what comes too late for the rings' size is an event of type lost.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "trace_merge.h"

#define CREATE_TRACE_POINTS
#include "tracepoints.h"

#define DRAIN_PERIOD max(HZ / 100, 1)

static void drain_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(work, drain_work);

/* Under it: users, stream. The work itself has the stream for its own. */
static DEFINE_MUTEX(drain_mutex);
static unsigned int users;
static struct merge *stream;	/* NULL: not loaded yet, or not any more */

/* What there is now, and not what comes meanwhile. */
static void drain(void)
{
	struct rmvisor_trace_record record;

	merge_end_here(stream);
	while (merge_next(stream, &record, NULL)) {
		if (record.type == RMVISOR_TRACE_EXIT)
			trace_rmvisor_exit(&record);
		else
			trace_rmvisor_event(&record);
		cond_resched();
	}
}

static void drain_later(void)
{
	queue_delayed_work(system_unbound_wq, &work, DRAIN_PERIOD);
}

static void drain_work(struct work_struct *unused)
{
	drain();
	drain_later();
}

/* What happened before somebody looked is not news. */
static void start(void)
{
	merge_rewind(stream, true);
	merge_skip(stream);
	drain_later();
}

int trace_drain_wanted(void)
{
	mutex_lock(&drain_mutex);
	if (!users++ && stream)
		start();
	mutex_unlock(&drain_mutex);
	return 0;
}

/* The tracepoint is still there: what happened until now comes, too. */
void trace_drain_unwanted(void)
{
	mutex_lock(&drain_mutex);
	users--;
	if (stream) {
		cancel_delayed_work_sync(&work);
		drain();
		if (users)
			drain_later();
	}
	mutex_unlock(&drain_mutex);
}

int trace_drain_init(void)
{
	struct merge *m = merge_alloc();

	if (!m)
		return -ENOMEM;
	mutex_lock(&drain_mutex);
	stream = m;
	if (users)
		start();
	mutex_unlock(&drain_mutex);
	return 0;
}

void trace_drain_exit(void)
{
	mutex_lock(&drain_mutex);
	cancel_delayed_work_sync(&work);
	kvfree(stream);
	stream = NULL;
	mutex_unlock(&drain_mutex);
}
