// SPDX-License-Identifier: GPL-2.0-only
//
// What guests are called, by the numbers that trace records carry.
#pragma once

#include <linux/rmvisor.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "error.hpp"

namespace rmguest {

using VmNames = std::map<std::uint32_t, std::string>;

// Lines of "vm3 NAME"; others are left out.
[[nodiscard]] VmNames parse_vm_names(std::string_view text);

// debugfs rmvisor/names: of the last guests that had a name; none where the file can't be read.
[[nodiscard]] VmNames read_vm_names(const std::string& debugfs);

// "" for Linux, and for a guest without a name.
[[nodiscard]] std::string name_of(const VmNames& names, const rmvisor_trace_record& record);

// A number, or a guest's name; of several guests with that name the last one.
[[nodiscard]] Result<std::uint32_t> find_vm(const VmNames& names, const std::string& text);

}  // namespace rmguest
