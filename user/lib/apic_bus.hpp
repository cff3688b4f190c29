// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "guest_bus.hpp"

namespace rmguest {

// A guest's physical address space as one of its vCPUs sees it: with that vCPU's local APIC, for
// the registers of which a CPU does not read the current value from the virtual-APIC page.
class ApicBus final : public GuestBus {
public:
    // `vcpu`: the descriptor.
    ApicBus(GuestBus& rest, int vcpu) : rest_(rest), vcpu_(vcpu) {}

    [[nodiscard]] std::uint8_t* memory(std::uint64_t address, unsigned size,
                                       bool for_write) override;
    // By KVM_GET_LAPIC.
    [[nodiscard]] std::uint64_t read(std::uint64_t address, unsigned size) override;
    // A write to the APIC does nothing: those that mean something are the hardware's.
    void write(std::uint64_t address, unsigned size, std::uint64_t value) override;

private:
    GuestBus& rest_;
    int vcpu_;
};

}  // namespace rmguest
