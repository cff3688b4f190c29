// SPDX-License-Identifier: GPL-2.0-only
//
// One guest: its memory, its VM and its one vCPU. On /dev/rmvisor, the vCPU has a CPU of the
// machine for itself from create_vcpu() until the Machine is gone.
#pragma once

#include <linux/kvm.h>
#include <linux/rmvisor.h>

#include <cstdint>
#include <optional>
#include <span>

#include "device.hpp"
#include "error.hpp"
#include "mapping.hpp"
#include "real_address.hpp"

namespace rmguest {

constexpr std::uint64_t page_size = 4096;
// 1 MiB, and the 64 KiB above it that FFFF:xxxx reaches.
constexpr std::uint64_t default_memory_size = 0x110000;
// Below the place at 3 GiB and up where a PC has its devices and KVM its own pages.
constexpr std::uint64_t largest_memory_size = 0xc0000000;

[[nodiscard]] Outcome check_memory_size(std::uint64_t size);

struct VcpuState {
    kvm_regs registers;
    kvm_sregs system;
};

class Machine {
public:
    // Allocates the memory and makes a VM of it. No CPU is taken yet.
    [[nodiscard]] static Result<Machine> create(Device device, std::uint64_t memory_size);

    // Takes the CPU (any, unless one is named; rmvisor only) and sets it to start at `entry`.
    // Everything else is as after a reset. May sleep for as long as Linux needs to let go of a CPU.
    [[nodiscard]] Outcome create_vcpu(std::optional<std::uint32_t> cpu, RealAddress entry);

    // KVM_RUN: 0, or an errno; EINTR after a signal or with immediate_exit set.
    [[nodiscard]] int run();

    [[nodiscard]] kvm_run& run_page() { return *static_cast<kvm_run*>(run_page_.data()); }
    [[nodiscard]] std::span<std::uint8_t> memory() const { return memory_.bytes(); }
    [[nodiscard]] const Device& device() const { return device_; }
    [[nodiscard]] Result<VcpuState> state() const;
    // Nothing on a device that is not rmvisor.
    [[nodiscard]] std::optional<rmvisor_vcpu_info> vcpu_info() const;

private:
    Machine(Device device, Mapping memory, FileDescriptor vm)
        : device_(std::move(device)), memory_(std::move(memory)), vm_(std::move(vm)) {}
    [[nodiscard]] Outcome choose_cpu(std::uint32_t cpu);
    [[nodiscard]] Outcome set_entry(RealAddress entry);

    // In this order, so that the vCPU goes first and the memory that it uses after it.
    Device device_;
    Mapping memory_;
    FileDescriptor vm_;
    FileDescriptor vcpu_;
    Mapping run_page_;
};

}  // namespace rmguest
