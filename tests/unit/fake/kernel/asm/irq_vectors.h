/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#define NR_VECTORS 256
