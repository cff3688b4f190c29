// SPDX-License-Identifier: GPL-2.0-only
// What a guest can order from its owner, by OUT of 4 bytes to the order port (case.inc has the same
// numbers). The argument is what was last written to the argument port. IN from the order port
// gives the errno of the last order.
#pragma once

#include <sys/time.h>

#include <cstdint>
#include <optional>
#include <queue>

#include "machine.hpp"

namespace owner {

enum class Order : std::uint32_t {
    interrupt = 1,          // KVM_INTERRUPT as soon as the guest takes it; argument: vector
    interrupt_at_halt = 2,  // the same, but not before the guest has halted
    nmi = 3,                // KVM_NMI
    nmi_at_halt = 4,
    step = 5,            // argument: 1 = every instruction exits, 0 = no longer
    breakpoint = 6,      // argument: linear address, 0 = none
    signal = 7,          // in some milliseconds; argument: address of a byte that is set to 1 then
    get_registers = 8,   // argument: address for struct kvm_regs
    get_system = 9,      // argument: address for struct kvm_sregs
    set_registers = 10,  // argument: address of struct kvm_regs
    set_system = 11,     // argument: address of struct kvm_sregs
    get_fpu = 12,        // argument: address for struct kvm_fpu
    set_fpu = 13,        // argument: address of struct kvm_fpu
    get_debug = 14,      // argument: address for struct kvm_debugregs
    set_debug = 15,      // argument: address of struct kvm_debugregs
    get_events = 16,     // argument: address for struct kvm_vcpu_events
    get_msr = 17,        // argument: address of {u32 index, u32 0, u64 value}
    set_msr = 18,
    software_breakpoints = 19,  // argument: 1 = INT3 exits
};

// Signals that interrupt KVM_RUN.
void set_timer(const timeval& first, const timeval& interval);

class Orders {
public:
    Orders(const Vcpu& vcpu, std::uint8_t* memory) : vcpu_(vcpu), memory_(memory) {}

    void set_argument(std::uint32_t value) { argument_ = value; }
    void give(Order order);
    [[nodiscard]] std::uint32_t last_error() const { return error_; }

    void before_run();             // injects, or asks for a window
    [[nodiscard]] bool at_halt();  // true if something wakes the guest
    void at_signal();

private:
    void carry_out(Order order);
    void transfer(unsigned long request, std::size_t size, const char* name);
    void access_msr(unsigned long request);
    void set_debug(std::uint32_t control, std::uint64_t address);
    void arm_signal();

    const Vcpu& vcpu_;
    std::uint8_t* memory_;
    std::uint32_t argument_ = 0;
    std::uint32_t error_ = 0;
    std::queue<std::uint8_t> interrupts_;
    std::queue<std::uint8_t> interrupts_at_halt_;
    unsigned nmis_at_halt_ = 0;
    std::optional<std::uint32_t> signalled_byte_;
};

}  // namespace owner
