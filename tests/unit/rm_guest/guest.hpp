// SPDX-License-Identifier: GPL-2.0-only
// A CPU that was taken from Linux, for the tests of this folder: Linux's VMCS was launched, the
// real-mode guest's is fresh memory, and the mailbox is empty.
#pragma once

#include <memory>

#include "exit/event.hpp"
#include "fake/entry.hpp"
#include "fake/facts.hpp"
#include "fake/fixture.hpp"
#include "fake/vmx.hpp"
#include "rm_guest/commands.hpp"
#include "rm_guest/rm_guest.hpp"
#include "vmx/globals.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

inline constexpr u64 vmxon_phys = 0x10000, linux_vmcs_phys = 0x11000, rm_vmcs_phys = 0x12000;
inline constexpr u64 test_ept_pointer = 0x5001e;
inline constexpr u32 test_cpu_number = 3;
inline constexpr u32 doorbell_apic_id = 2, doorbell_vector = 0xe5;

// What Linux has in the MSRs of SYSCALL and SWAPGS, by number.
inline constexpr u64 linux_msr_value = 0x1000'0000'0000;

class Guest : public fake::Fixture {
protected:
    Guest();

    // Posts a command, looks for it once, and expects it to be answered.
    std::optional<Next> command(visor_command command);
    u32 status() const { return cpu.shared.command_status; }

    // RESET, and a RUN into the guest (through VMLAUNCH).
    void reset();
    void run();

    // Exit information of the current VMCS.
    void exit_is(ExitReason reason, u64 qualification = 0, u32 instruction_length = 1);

    // An exit through the whole path. If the guest stops, `while_parked` is called once, then Linux
    // runs it again, so that this returns.
    Next exit(u32 raw_reason);
    Next exit(ExitReason reason, u64 qualification = 0, u32 instruction_length = 1);

    bool stopped() const { return stops != 0; }

    // What was injected for the next entry; empty if nothing.
    std::optional<InterruptionInfo> injected() const;
    u64 field(Field f) const { return fake::vmx().get(f); }
    void set_field(Field f, u64 value) { fake::vmx().set(f, value); }
    void protected_mode(u64 more_cr0 = 0);

    std::unique_ptr<Cpu> memory = std::make_unique<Cpu>();
    Cpu& cpu = *memory;
    rmv_gprs gprs{};
    unsigned stops = 0;
    visor_stop stop{};               // of the last stop
    visor_cpu_state parked_state{};  // shared.state at that time
    std::function<void()> while_parked;
};

}  // namespace rmv
