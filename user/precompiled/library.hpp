// SPDX-License-Identifier: GPL-2.0-only
// What most of the library includes: compiled once, for the unit tests (Makefile).
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>
