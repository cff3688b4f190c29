// SPDX-License-Identifier: GPL-2.0-only
// What most tests of the visor include: compiled once (Makefile).
#pragma once

#include <gtest/gtest.h>

#include "linux/machine.hpp"
#include "rm_guest/guest.hpp"
