/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* /dev/rmvisor: the system ioctls of KVM's API. */
int rm_device_init(void);
void rm_device_exit(void);

/* KVM_CHECK_EXTENSION, on the device and on a VM fd. Never negative. */
long rm_check_extension(unsigned long extension);
