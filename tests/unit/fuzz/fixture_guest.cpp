// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/guest.cpp"
