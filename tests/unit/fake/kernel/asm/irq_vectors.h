/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#define NR_VECTORS 256
#define NMI_VECTOR 2
