// SPDX-License-Identifier: GPL-2.0-only
#include <linux/jiffies.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>

#include "trace_wait.h"

#define LOOK_PERIOD max(HZ / 25, 1)

static void look(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, look);

DECLARE_WAIT_QUEUE_HEAD(trace_wait);

static void look(struct work_struct *work)
{
	if (!wq_has_sleeper(&trace_wait))
		return;
	wake_up_interruptible_poll(&trace_wait, EPOLLIN | EPOLLRDNORM);
	schedule_delayed_work(&look_work, LOOK_PERIOD);
}

void trace_wait_arm(void)
{
	schedule_delayed_work(&look_work, LOOK_PERIOD);
}

int trace_wait_look(void)
{
	schedule_timeout_interruptible(LOOK_PERIOD);
	return signal_pending(current) ? -ERESTARTSYS : 0;
}

void trace_wait_exit(void)
{
	cancel_delayed_work_sync(&look_work);
}
