// SPDX-License-Identifier: GPL-2.0-only
//
// The device that runs guests: /dev/rmvisor, or /dev/kvm, which speak the same API (KVM's).
#pragma once

#include <cstdint>
#include <string>

#include "error.hpp"
#include "file_descriptor.hpp"

namespace rmguest {

constexpr const char* default_device = "/dev/rmvisor";

struct Device {
    FileDescriptor descriptor;
    std::string path;
    bool is_rmvisor;
    bool needs_tss_address;     // KVM on Intel keeps three pages of the guest for itself
    std::size_t run_page_size;  // of the mapping of a vCPU
};

// Opens the device and looks whether it has what rmguest needs. Changes nothing.
[[nodiscard]] Result<Device> open_device(const std::string& path);

}  // namespace rmguest
