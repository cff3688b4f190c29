/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/wait.h>

/*
 * Root can't wake anybody. Who waits for records looks at the rings some times a
 * second: a read by itself, a poll by this queue, all of which each look wakes.
 */
extern wait_queue_head_t trace_wait;

/* After poll_wait(): looks are taken from now on, as long as somebody is in the queue. */
void trace_wait_arm(void);
/* Until the next look; -ERESTARTSYS when there is a signal. */
int trace_wait_look(void);
void trace_wait_exit(void);
