// SPDX-License-Identifier: GPL-2.0-only
//
// The tables of rmguest ps and rmguest status.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace rmguest {

// A line per vCPU, of what list_guests() gives.
void print_guests(const nlohmann::ordered_json& guests);

// A line per CPU, of what list_cpus() gives.
void print_cpus(const nlohmann::ordered_json& cpus);

}  // namespace rmguest
