// SPDX-License-Identifier: GPL-2.0-only
// What most tests of rmguest's library include: compiled once (Makefile).
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "precompiled/library.hpp"
