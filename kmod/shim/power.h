/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* Leaves VMX before suspend, reboot, power-off and kexec; launches after resume. */
int rm_power_init(void);
void rm_power_exit(void);
