// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/local_apic.hpp"

#include "vmx/globals.hpp"
#include "x86/apic.hpp"
#include "x86/insn.hpp"

namespace rmv {

namespace {

// The ICR is idle within microseconds on any machine; a bound so that root can never hang on it.
constexpr u32 icr_polls = 1'000'000;

volatile u32* xapic(ApicRegister reg) noexcept {
    return reinterpret_cast<volatile u32*>(root_apic_virtual + static_cast<u32>(reg));
}

void wait_for_icr() noexcept {
    for (u32 i = 0; i < icr_polls; ++i) {
        if ((insn::mmio_read32(xapic(ApicRegister::icr_low)) & icr_delivery_pending) == 0) return;
        insn::pause();
    }
}

}  // namespace

void send_ipi(u32 apic_id, DeliveryMode mode, u8 vector) noexcept {
    const u32 low = icr_level_assert | (static_cast<u32>(mode) << icr_delivery_mode_shift) | vector;
    if (globals.x2apic) return insn::wrmsr(Msr::x2apic_icr, join(apic_id, low));
    wait_for_icr();
    insn::mmio_write32(xapic(ApicRegister::icr_high), apic_id << icr_high_destination_shift);
    insn::mmio_write32(xapic(ApicRegister::icr_low), low);
    wait_for_icr();
}

void end_of_interrupt() noexcept {
    if (globals.x2apic)
        insn::wrmsr(Msr::x2apic_eoi, 0);
    else
        insn::mmio_write32(xapic(ApicRegister::eoi), 0);
}

}  // namespace rmv
