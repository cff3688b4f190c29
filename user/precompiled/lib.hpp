// SPDX-License-Identifier: GPL-2.0-only
// What most of the library includes: compiled once (Makefile).
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>
