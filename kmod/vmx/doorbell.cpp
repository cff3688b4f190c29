// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/doorbell.hpp"

#include "vmx/local_apic.hpp"
#include "x86/atomic.hpp"

namespace rmv {

void ring_doorbell(Cpu& cpu) noexcept {
    const u32 vector = load_acquire(cpu.shared.doorbell_vector);
    if (vector == 0) return;
    send_ipi(load_relaxed(cpu.shared.doorbell_apic_id), DeliveryMode::fixed,
             static_cast<u8>(vector));
}

}  // namespace rmv
