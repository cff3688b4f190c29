// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/device.hpp"
#include "lib/error.hpp"
#include "lib/gdb/server.hpp"
#include "lib/image.hpp"
#include "lib/mmio_region.hpp"
#include "lib/port_range.hpp"
#include "lib/trace_source.hpp"

namespace rmguest {

// The options of `rmguest run` as the user wrote them.
struct RunArguments {
    std::string image;
    std::string load;
    std::string entry;
    std::string memory;
    std::string timeout;
    std::optional<std::uint32_t> cpu;
    std::string cpus;
    std::optional<std::uint32_t> vcpus;
    bool apic = false;
    std::string halt = "end";
    std::string name;
    std::string device = default_device;
    std::string trace;
    std::vector<std::string> mmio;
    std::vector<std::string> ports;
    std::string mmio_log;
    std::string debugfs = default_debugfs;
    bool debug = false;
    std::string gdb;
    bool json = false;
    bool stats = false;
    bool verbose = false;
};

// The same, checked: the image is read and fits, and the guest can be made of it.
struct RunPlan {
    Image image;
    RealAddress entry;
    std::uint64_t memory_size;
    std::optional<double> timeout;
    // One per vCPU: the CPU that it gets, or any.
    std::vector<std::optional<std::uint32_t>> cpus;
    bool has_apic;
    bool waits_in_halt;
    std::vector<MmioRange> mmio;
    std::vector<PortRange> ports;
    bool has_monitor;  // --debug
    std::optional<GdbAddress> gdb;

    [[nodiscard]] bool is_debugged() const { return has_monitor || gdb; }
};

[[nodiscard]] Result<RunPlan> plan_run(const RunArguments& arguments);

}  // namespace rmguest
