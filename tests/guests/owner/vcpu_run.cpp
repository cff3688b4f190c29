// SPDX-License-Identifier: GPL-2.0-only
#include "vcpu_run.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace owner {
namespace {

enum class Port : std::uint16_t {
    post_code = 0x80,
    order = 0xe4,
    debug_output = 0xe9,
    argument = 0xec,
    exit_status = 0xf4,
};

constexpr int time_limit = 20;  // seconds for one case
constexpr std::size_t most_exits = 20000;

std::string text(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string text(const char* format, ...) {
    char line[160];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    return line;
}

const char* exit_name(std::uint32_t reason) {
    switch (reason) {
        case KVM_EXIT_HLT: return "halt";
        case KVM_EXIT_SHUTDOWN: return "shutdown";
        case KVM_EXIT_FAIL_ENTRY: return "failed entry";
        case KVM_EXIT_INTERNAL_ERROR: return "internal error";
        case KVM_EXIT_IRQ_WINDOW_OPEN: return "window";
        case KVM_EXIT_DEBUG: return "debug";
        case KVM_EXIT_MMIO: return "mmio";
        case KVM_EXIT_IO: return "io";
        default: return "other";
    }
}

// rmvisor leaves decoding to user space, and says which bytes are to be decoded. Cases read outside
// by MOV EAX, [EBX] or [RBX] and by MOV EAX, [moffs32] only.
std::size_t length_of_read(const kvm_run& page) {
    const auto& failure = page.emulation_failure;
    constexpr std::size_t longest = 5;
    if (failure.flags != KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES ||
        failure.insn_size < longest)
        return 0;
    if (failure.insn_bytes[0] == 0x8b && failure.insn_bytes[1] == 0x03) return 2;
    return failure.insn_bytes[0] == 0xa1 ? longest : 0;
}

}  // namespace

void VcpuRun::to_the_end() {
    const std::time_t deadline = std::time(nullptr) + time_limit;
    while (outcome_.end.empty()) {
        orders_.before_run();
        const int error = vcpu_.run();
        if (error == EINTR) {
            orders_.at_signal();
            if (vcpu_.page().immediate_exit != 0) outcome_.end = "stopped";
            if (std::time(nullptr) >= deadline) outcome_.end = no_end_in_time;
        } else if (error == EAGAIN) {
            continue;  // it waited for INIT and SIPI, and has had one of them
        } else if (error != 0) {
            outcome_.end = text("KVM_RUN: %s", std::strerror(error));
        } else {
            handle_exit();
        }
        if (outcome_.exits.size() > most_exits) outcome_.end = "too many exits";
    }
}

void VcpuRun::handle_exit() {
    const kvm_run& page = vcpu_.page();
    switch (page.exit_reason) {
        case KVM_EXIT_IO: handle_io(); return;
        case KVM_EXIT_MMIO: handle_outside_access(); return;
        case KVM_EXIT_HLT:
            outcome_.exits.emplace_back("halt");
            if (!orders_.at_halt()) outcome_.end = "halt";
            return;
        case KVM_EXIT_IRQ_WINDOW_OPEN: outcome_.exits.emplace_back("window"); return;
        case KVM_EXIT_DEBUG: handle_debug(); return;
        case KVM_EXIT_INTR: return;
        case KVM_EXIT_SET_TPR: return;  // KVM without a local APIC tells of CR8
        case KVM_EXIT_INTERNAL_ERROR:
            if (!skip_outside_read()) end_by_exit();
            return;
        default: end_by_exit();
    }
}

// DR6 belongs to #DB only.
void VcpuRun::handle_debug() {
    const kvm_debug_exit_arch& debug = vcpu_.page().debug.arch;
    std::string line = text("debug %u at %llx", debug.exception, debug.pc);
    if (debug.exception == 1) line += text(" dr6 %llx", debug.dr6);
    outcome_.exits.push_back(line);
    skip_breakpoint();
}

// An INT3 that was reported has to be stepped over by the owner; a hardware breakpoint is
// removed, or it would hit again.
void VcpuRun::skip_breakpoint() {
    constexpr std::uint32_t breakpoint = 3;
    if (vcpu_.page().debug.arch.exception == breakpoint) {
        kvm_regs registers{};
        OWNER_CALL(vcpu_.get(), KVM_GET_REGS, &registers);
        ++registers.rip;
        OWNER_CALL(vcpu_.get(), KVM_SET_REGS, &registers);
    } else if ((vcpu_.page().debug.arch.dr6 & 1) != 0) {
        orders_.set_argument(0);
        orders_.give(Order::breakpoint);
    }
}

void VcpuRun::end_by_exit() {
    const kvm_run& page = vcpu_.page();
    outcome_.end = exit_name(page.exit_reason);
    if (page.exit_reason == KVM_EXIT_INTERNAL_ERROR)
        outcome_.end +=
            text(" %u: %llx %llx %llx %llx", page.internal.suberror, page.internal.data[0],
                 page.internal.data[1], page.internal.data[2], page.internal.data[3]);
    if (page.exit_reason == KVM_EXIT_FAIL_ENTRY)
        outcome_.end += text(" %llx", page.fail_entry.hardware_entry_failure_reason);
    if (page.exit_reason != KVM_EXIT_SHUTDOWN) {
        kvm_regs registers{};
        OWNER_CALL(vcpu_.get(), KVM_GET_REGS, &registers);
        outcome_.end += text(" at %llx", registers.rip);
    }
}

void VcpuRun::handle_io() {
    kvm_run& page = vcpu_.page();
    auto* data = reinterpret_cast<std::uint8_t*>(&page) + page.io.data_offset;
    const bool out = page.io.direction == KVM_EXIT_IO_OUT;
    for (std::uint32_t index = 0; index < page.io.count; ++index, data += page.io.size) {
        std::uint32_t value = 0;
        if (out) {
            std::memcpy(&value, data, page.io.size);
            write_port(page.io.port, value);
        } else {
            value = read_port(page.io.port);
            std::memcpy(data, &value, page.io.size);
        }
    }
}

void VcpuRun::write_port(std::uint16_t port, std::uint32_t value) {
    if (port != static_cast<std::uint16_t>(Port::debug_output))
        outcome_.exits.push_back(text("out %x %x", port, value));
    switch (static_cast<Port>(port)) {
        case Port::debug_output: outcome_.output.push_back(static_cast<char>(value)); return;
        case Port::exit_status: outcome_.end = text("exit %u", value & 0xff); return;
        case Port::argument: orders_.set_argument(value); return;
        case Port::order: orders_.give(static_cast<Order>(value)); return;
        case Port::post_code: return;
    }
}

// Any other port gives a number that depends on what came before.
std::uint32_t VcpuRun::read_port(std::uint16_t port) {
    std::uint32_t value = 0x04030201 + 0x04040404 * next_input_;
    if (port == static_cast<std::uint16_t>(Port::order))
        value = orders_.last_error();
    else if (port == static_cast<std::uint16_t>(Port::debug_output))
        value = port;
    else
        ++next_input_;
    outcome_.exits.push_back(text("in %x", port));
    return value;
}

void VcpuRun::handle_outside_access() {
    kvm_run& page = vcpu_.page();
    outcome_.exits.push_back(text("outside %llx", page.mmio.phys_addr));
    if (page.mmio.is_write == 0) std::memset(page.mmio.data, 0xff, sizeof(page.mmio.data));
}

bool VcpuRun::skip_outside_read() {
    constexpr std::uint64_t ept_violation = 48;
    const kvm_run& page = vcpu_.page();
    // Behind the flags and the instruction's bytes: the reason, its qualification, the address.
    constexpr std::size_t reason = 3, address = 5;
    const std::size_t length = length_of_read(page);
    if (page.internal.suberror != KVM_INTERNAL_ERROR_EMULATION || page.internal.ndata <= address ||
        length == 0 || page.internal.data[reason] != ept_violation)
        return false;
    kvm_regs registers{};
    OWNER_CALL(vcpu_.get(), KVM_GET_REGS, &registers);
    outcome_.exits.push_back(text("outside %llx", page.internal.data[address]));
    registers.rax = 0xffffffff;
    registers.rip += length;
    OWNER_CALL(vcpu_.get(), KVM_SET_REGS, &registers);
    return true;
}

}  // namespace owner
