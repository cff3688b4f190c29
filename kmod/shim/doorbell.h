/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * The doorbell: an interrupt that root sends to Linux when a guest has
 * stopped. It has a vector of Linux's own and follows affinity and hotplug.
 */
int doorbell_init(void);
void doorbell_exit(void);
