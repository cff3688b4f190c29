// SPDX-License-Identifier: GPL-2.0-only
//
// One vCPU of a guest. On /dev/rmvisor it has a CPU of the machine for itself as long as it lives.
#pragma once

#include <linux/kvm.h>
#include <linux/rmvisor.h>

#include <cstdint>
#include <optional>

#include "error.hpp"
#include "file_descriptor.hpp"
#include "mapping.hpp"
#include "real_address.hpp"
#include "vcpu_state.hpp"

namespace rmguest {

// The kernel serializes a vCPU's calls: one made while another thread sits in run() waits for it.
class Vcpu {
public:
    Vcpu(std::uint32_t id, FileDescriptor descriptor, Mapping run_page, bool is_rmvisor)
        : id_(id),
          is_rmvisor_(is_rmvisor),
          descriptor_(std::move(descriptor)),
          run_page_(std::move(run_page)) {}

    // KVM_RUN: 0, or an errno; EINTR after a signal or with immediate_exit set.
    [[nodiscard]] int run();

    // The first instruction; everything else stays as it is.
    [[nodiscard]] Outcome set_entry(RealAddress entry);

    [[nodiscard]] std::uint32_t id() const { return id_; }
    [[nodiscard]] int descriptor() const { return descriptor_.get(); }
    [[nodiscard]] kvm_run& run_page() { return *static_cast<kvm_run*>(run_page_.data()); }
    [[nodiscard]] const kvm_run& run_page() const {
        return *static_cast<const kvm_run*>(run_page_.data());
    }
    [[nodiscard]] Result<VcpuState> state() const;
    [[nodiscard]] Outcome set_state(const VcpuState& state) const;
    // The general registers, RIP and RFLAGS alone.
    [[nodiscard]] Outcome set_registers(const kvm_regs& registers) const;
    // Nothing on a device that is not rmvisor.
    [[nodiscard]] std::optional<rmvisor_vcpu_info> info() const;

private:
    std::uint32_t id_;
    bool is_rmvisor_;
    FileDescriptor descriptor_;
    Mapping run_page_;
};

}  // namespace rmguest
