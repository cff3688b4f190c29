// SPDX-License-Identifier: GPL-2.0-only
// What most of the commands include: compiled once (Makefile).
#pragma once

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
