// SPDX-License-Identifier: GPL-2.0-only
//
// One guest: its memory, its VM and its vCPUs. On /dev/rmvisor, each vCPU has a CPU of the machine
// for itself from create_vcpu() until the Machine is gone.
#pragma once

#include <linux/kvm.h>
#include <linux/rmvisor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device.hpp"
#include "error.hpp"
#include "mapping.hpp"
#include "mmio_region.hpp"
#include "port_range.hpp"
#include "vcpu.hpp"

namespace rmguest {

constexpr std::uint64_t page_size = 4096;
// 1 MiB, and the 64 KiB above it that FFFF:xxxx reaches.
constexpr std::uint64_t default_memory_size = 0x110000;
// Below the place at 3 GiB and up where a PC has its devices and KVM its own pages.
constexpr std::uint64_t largest_memory_size = 0xc0000000;

[[nodiscard]] Outcome check_memory_size(std::uint64_t size);

class Machine {
public:
    // Allocates the memory and makes a VM of it. No CPU is taken yet.
    // The pages in which a range lies are kept back: accesses to them come to user space.
    [[nodiscard]] static Result<Machine> create(Device device, std::uint64_t memory_size,
                                                const std::vector<MmioRange>& ranges = {});

    // Gives the guest a local APIC per vCPU, which start each other by INIT and SIPI. Before the
    // first create_vcpu().
    [[nodiscard]] Outcome create_apics();

    // Takes a CPU (any, unless one is named; rmvisor only) for the next vCPU, which is as after a
    // reset. May sleep for as long as Linux needs to let go of a CPU.
    [[nodiscard]] Outcome create_vcpu(std::optional<std::uint32_t> cpu);

    // Accesses to these ports are the hardware's from now on. Before the first create_vcpu().
    [[nodiscard]] Outcome pass_ports(const PortRange& range);

    // What the module calls it in its own files; on another device nobody asks.
    [[nodiscard]] Outcome set_name(const std::string& name);

    // In the order of their ids, from 0. They stay where they are.
    [[nodiscard]] const std::vector<std::unique_ptr<Vcpu>>& vcpus() const { return vcpus_; }
    [[nodiscard]] std::span<std::uint8_t> memory() const { return memory_.bytes(); }
    [[nodiscard]] const Device& device() const { return device_; }
    [[nodiscard]] int descriptor() const { return vm_.get(); }

private:
    Machine(Device device, Mapping memory, FileDescriptor vm)
        : device_(std::move(device)), memory_(std::move(memory)), vm_(std::move(vm)) {}
    [[nodiscard]] Outcome choose_cpu(std::uint32_t id, std::uint32_t cpu);

    // In this order, so that the vCPUs go first and the memory that they use after them.
    Device device_;
    Mapping memory_;
    FileDescriptor vm_;
    std::vector<std::unique_ptr<Vcpu>> vcpus_;
};

}  // namespace rmguest
