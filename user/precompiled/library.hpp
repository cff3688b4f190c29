// SPDX-License-Identifier: GPL-2.0-only
// What most of the library includes: compiled once, for the unit tests (Makefile).
#pragma once

#include <fmt/format.h>
#include <linux/kvm.h>
#include <linux/rmvisor.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "lib/error.hpp"
#include "lib/file_descriptor.hpp"
