// SPDX-License-Identifier: GPL-2.0-only
// A guest whose vCPU has a local APIC.
#pragma once

#include "rm_guest/apic/deliver.hpp"
#include "rm_guest/apic/exits.hpp"
#include "rm_guest/guest.hpp"

namespace rmv {

inline constexpr u64 x2apic_base = apic_base_default | mask(ApicBase::enabled, ApicBase::x2apic);
inline constexpr u32 apic_id = 9;

class WithApic : public Guest {
protected:
    WithApic() {
        globals.facts.secondary_controls |= mask(Secondary::apic_register_virtualization) << 32;
        globals.apic_access_phys = 0x30000;
        globals.first_cpu = &cpu;
        cpu.rm_apic_page_phys = 0x31000;
        cpu.apic_id = apic_id;
        cpu.shared.apic = VISOR_APIC_EMULATED;
        cpu.shared.vcpu_id = 0;
    }

    void start() {
        reset();
        run();
    }
    apic::LocalApic& local() { return cpu.rm.apic.local; }
    apic::ApicPage& page() { return cpu.rm_apic_page; }
    u32 tag() const { return apic::tag_of(cpu.rm); }

    // An exit that waits in root: `each` is called by every turn of the wait.
    Next waiting_exit(ExitReason reason, std::function<void()> each) {
        exit_is(reason, 0, 1);
        fake::cpu().on_pause = std::move(each);
        ExitContext context{cpu, gprs};
        const Next next = handle_rm_exit(context, static_cast<u32>(reason));
        fake::cpu().on_pause = nullptr;
        return next;
    }
    bool x2apic_write(u32 msr, u64 value) { return apic::write_apic_msr(cpu, msr, value); }
    void enable() {
        Vmcs vmcs;
        ASSERT_TRUE(apic::write_apic_base(cpu, vmcs, x2apic_base | mask(ApicBase::bootstrap)));
        ASSERT_TRUE(x2apic_write(0x80f, 0x1ff));
    }
};

}  // namespace rmv
