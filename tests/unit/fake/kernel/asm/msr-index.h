/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/const.h>

#define EFER_LME _BITUL(8)
#define EFER_LMA _BITUL(10)
