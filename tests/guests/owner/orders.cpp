// SPDX-License-Identifier: GPL-2.0-only
#include "orders.hpp"

#include <cerrno>
#include <cstring>

namespace owner {

void set_timer(const timeval& first, const timeval& interval) {
    const itimerval timer{.it_interval = interval, .it_value = first};
    setitimer(ITIMER_REAL, &timer, nullptr);
}

void Orders::give(Order order) {
    error_ = 0;
    try {
        carry_out(order);
    } catch (const CallFailed& failure) {
        error_ = static_cast<std::uint32_t>(failure.error_number);
    }
}

void Orders::carry_out(Order order) {
#define TRANSFER(request, type) transfer(request, sizeof(type), #request)
    switch (order) {
        case Order::interrupt: interrupts_.push(static_cast<std::uint8_t>(argument_)); return;
        case Order::interrupt_at_halt:
            interrupts_at_halt_.push(static_cast<std::uint8_t>(argument_));
            return;
        case Order::nmi: OWNER_CALL(vcpu_.get(), KVM_NMI, nullptr); return;
        case Order::nmi_at_halt: ++nmis_at_halt_; return;
        case Order::step: set_debug(argument_ != 0 ? KVM_GUESTDBG_SINGLESTEP : 0, 0); return;
        case Order::breakpoint:
            set_debug(argument_ != 0 ? KVM_GUESTDBG_USE_HW_BP : 0, argument_);
            return;
        case Order::software_breakpoints:
            set_debug(argument_ != 0 ? KVM_GUESTDBG_USE_SW_BP : 0, 0);
            return;
        case Order::signal: arm_signal(); return;
        case Order::get_registers: TRANSFER(KVM_GET_REGS, kvm_regs); return;
        case Order::set_registers: TRANSFER(KVM_SET_REGS, kvm_regs); return;
        case Order::get_system: TRANSFER(KVM_GET_SREGS, kvm_sregs); return;
        case Order::set_system: TRANSFER(KVM_SET_SREGS, kvm_sregs); return;
        case Order::get_fpu: TRANSFER(KVM_GET_FPU, kvm_fpu); return;
        case Order::set_fpu: TRANSFER(KVM_SET_FPU, kvm_fpu); return;
        case Order::get_debug: TRANSFER(KVM_GET_DEBUGREGS, kvm_debugregs); return;
        case Order::set_debug: TRANSFER(KVM_SET_DEBUGREGS, kvm_debugregs); return;
        case Order::get_events: TRANSFER(KVM_GET_VCPU_EVENTS, kvm_vcpu_events); return;
        case Order::get_msr: access_msr(get_msrs); return;
        case Order::set_msr: access_msr(set_msrs); return;
    }
    throw CallFailed("no such order", ENOSYS);
#undef TRANSFER
}

// Straight from or into the guest's memory.
void Orders::transfer(unsigned long request, std::size_t size, const char* name) {
    if (argument_ > memory_size - size) throw CallFailed(name, EFAULT);
    call(vcpu_.get(), request, memory_ + argument_, name);
}

void Orders::access_msr(unsigned long request) {
    if (argument_ > memory_size - sizeof(kvm_msr_entry)) throw CallFailed("MSR", EFAULT);
    struct {
        ListHeader header{.count = 1, .padding = 0};
        kvm_msr_entry entry{};
    } list;
    std::memcpy(&list.entry, memory_ + argument_, sizeof(list.entry));
    if (call(vcpu_.get(), request, &list, "KVM_GET_MSRS, KVM_SET_MSRS") != 1)
        throw CallFailed("MSR", ENOENT);
    std::memcpy(memory_ + argument_, &list.entry, sizeof(list.entry));
}

void Orders::set_debug(std::uint32_t control, std::uint64_t address) {
    constexpr std::uint64_t dr7_fixed = 0x400;
    constexpr std::uint64_t dr7_global_0 = 2;
    kvm_guest_debug debug{};
    debug.control = control != 0 ? control | KVM_GUESTDBG_ENABLE : 0;
    debug.arch.debugreg[0] = address;
    debug.arch.debugreg[7] = address != 0 ? dr7_fixed | dr7_global_0 : dr7_fixed;
    OWNER_CALL(vcpu_.get(), KVM_SET_GUEST_DEBUG, &debug);
}

void Orders::arm_signal() {
    constexpr timeval delay{.tv_sec = 0, .tv_usec = 20000};
    if (argument_ >= memory_size) throw CallFailed("signal", EFAULT);
    signalled_byte_ = argument_;
    set_timer(delay, delay);
}

void Orders::before_run() {
    kvm_run& page = vcpu_.page();
    page.request_interrupt_window = 0;
    if (interrupts_.empty()) return;
    if (page.ready_for_interrupt_injection == 0) {
        page.request_interrupt_window = 1;
        return;
    }
    const kvm_interrupt interrupt{.irq = interrupts_.front()};
    interrupts_.pop();
    OWNER_CALL(vcpu_.get(), KVM_INTERRUPT, &interrupt);
    if (!interrupts_.empty()) page.request_interrupt_window = 1;
}

bool Orders::at_halt() {
    if (nmis_at_halt_ != 0) {
        --nmis_at_halt_;
        OWNER_CALL(vcpu_.get(), KVM_NMI, nullptr);
        return true;
    }
    if (!interrupts_at_halt_.empty()) {
        interrupts_.push(interrupts_at_halt_.front());
        interrupts_at_halt_.pop();
    }
    return !interrupts_.empty();
}

void Orders::at_signal() {
    if (signalled_byte_) memory_[*signalled_byte_] = 1;
    signalled_byte_.reset();
}

}  // namespace owner
