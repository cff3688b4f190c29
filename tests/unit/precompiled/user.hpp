// SPDX-License-Identifier: GPL-2.0-only
// What most tests of rmguest's library include: compiled once (Makefile).
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
