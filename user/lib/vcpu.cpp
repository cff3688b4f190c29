// SPDX-License-Identifier: GPL-2.0-only
#include "vcpu.hpp"

#include <sys/ioctl.h>

#include <cerrno>

namespace rmguest {

int Vcpu::run() { return ::ioctl(descriptor_.get(), KVM_RUN, 0) == 0 ? 0 : errno; }

Result<VcpuState> Vcpu::state() const {
    VcpuState state{};
    if (::ioctl(descriptor_.get(), KVM_GET_REGS, &state.registers) != 0 ||
        ::ioctl(descriptor_.get(), KVM_GET_SREGS, &state.system) != 0) {
        return system_error("cannot read the vCPU's registers", errno);
    }
    return state;
}

Outcome Vcpu::set_entry(RealAddress entry) {
    auto now = state();
    if (!now) {
        return now.error();
    }
    now->system.cs.selector = entry.segment;
    now->system.cs.base = std::uint64_t{entry.segment} << 4;
    now->registers.rip = entry.offset;
    return set_state(*now);
}

Outcome Vcpu::set_state(const VcpuState& state) const {
    if (::ioctl(descriptor_.get(), KVM_SET_SREGS, &state.system) != 0) {
        return system_error("cannot set the vCPU's system registers", errno);
    }
    return set_registers(state.registers);
}

Outcome Vcpu::set_registers(const kvm_regs& registers) const {
    if (::ioctl(descriptor_.get(), KVM_SET_REGS, &registers) != 0) {
        return system_error("cannot set the vCPU's registers", errno);
    }
    return Done{};
}

std::optional<rmvisor_vcpu_info> Vcpu::info() const {
    rmvisor_vcpu_info info{};
    if (!is_rmvisor_ || ::ioctl(descriptor_.get(), RMVISOR_GET_VCPU_INFO, &info) != 0) {
        return std::nullopt;
    }
    return info;
}

}  // namespace rmguest
