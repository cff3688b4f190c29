// SPDX-License-Identifier: GPL-2.0-only
#include "mmio_exit.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "emulation_data.hpp"
#include "emulator/emulator.hpp"
#include "exit/reason.hpp"

namespace rmguest {
namespace {

constexpr std::uint64_t dr6_single_step = 1u << 14;

Outcome set_single_step(const Vcpu& vcpu) {
    kvm_debugregs debug{};
    if (::ioctl(vcpu.descriptor(), KVM_GET_DEBUGREGS, &debug) != 0) {
        return system_error("cannot read the vCPU's debug registers", errno);
    }
    debug.dr6 |= dr6_single_step;
    if (::ioctl(vcpu.descriptor(), KVM_SET_DEBUGREGS, &debug) != 0) {
        return system_error("cannot set the vCPU's debug registers", errno);
    }
    return Done{};
}

Outcome inject(const Vcpu& vcpu, const Fault& fault) {
    kvm_vcpu_events events{};
    if (::ioctl(vcpu.descriptor(), KVM_GET_VCPU_EVENTS, &events) != 0) {
        return system_error(
            fmt::format("the guest's instruction raises exception {}, which can't be injected",
                        static_cast<unsigned>(fault.vector)),
            errno, "the device has no KVM_SET_VCPU_EVENTS");
    }
    events.exception.injected = 1;
    events.exception.nr = static_cast<std::uint8_t>(fault.vector);
    events.exception.has_error_code = fault.error_code.has_value();
    events.exception.error_code = fault.error_code.value_or(0);
    if (::ioctl(vcpu.descriptor(), KVM_SET_VCPU_EVENTS, &events) != 0) {
        return system_error("an exception can't be injected", errno);
    }
    return Done{};
}

// The shadow of STI and MOV SS ends with the instruction. A device without the call has none.
void end_interrupt_shadow(const Vcpu& vcpu) {
    kvm_vcpu_events events{};
    if (::ioctl(vcpu.descriptor(), KVM_GET_VCPU_EVENTS, &events) == 0 &&
        events.interrupt.shadow != 0) {
        events.interrupt.shadow = 0;
        events.flags |= KVM_VCPUEVENT_VALID_SHADOW;
        (void)::ioctl(vcpu.descriptor(), KVM_SET_VCPU_EVENTS, &events);
    }
}

Outcome finish(Vcpu& vcpu, VcpuState& state, const VcpuState& before,
               const EmulationResult& result) {
    if (result.fault && result.fault->vector == Vector::page_fault) {
        state.system.cr2 = result.fault->cr2;
    }
    const bool same_system = std::memcmp(&state.system, &before.system, sizeof(state.system)) == 0;
    const auto set = same_system ? vcpu.set_registers(state.registers) : vcpu.set_state(state);
    if (!set) {
        return set;
    }
    if (result.fault) {
        return inject(vcpu, *result.fault);
    }
    if (result.end == EmulationEnd::completed) {
        end_interrupt_shadow(vcpu);
    }
    if (result.single_step) {
        const auto marked = set_single_step(vcpu);
        return marked ? inject(vcpu, {Vector::debug}) : marked;
    }
    return Done{};
}

}  // namespace

void complete_decoded_access(kvm_run& page, GuestBus& bus) {
    const auto size = std::min<std::uint32_t>(page.mmio.len, sizeof(page.mmio.data));
    std::uint64_t value = 0;
    if (page.mmio.is_write != 0) {
        std::memcpy(&value, page.mmio.data, size);
        bus.write(page.mmio.phys_addr, size, value);
        return;
    }
    value = bus.read(page.mmio.phys_addr, size);
    std::memcpy(page.mmio.data, &value, size);
}

bool is_access_to_emulate(const kvm_run& page, bool is_rmvisor) {
    if (!is_rmvisor || page.internal.suberror != KVM_INTERNAL_ERROR_EMULATION) {
        return false;
    }
    const auto data = emulation_data(page);
    const auto reason = data ? rmv::decode_reason(data->reason) : std::nullopt;
    return reason == rmv::ExitReason::ept_violation || reason == rmv::ExitReason::apic_access;
}

Outcome complete_by_emulation(Vcpu& vcpu, GuestBus& bus) {
    const auto before = vcpu.state();
    if (!before) {
        return before.error();
    }
    VcpuState state = *before;
    const kvm_run& page = vcpu.run_page();
    const auto data = emulation_data(page);
    if (!data) {
        return Error{"the device does not say which access it could not do", "see dmesg"};
    }
    const EmulationResult result =
        emulate(state, bus, {.bytes = instruction_bytes(page), .physical = data->physical});
    if (result.error) {
        return *result.error;
    }
    return finish(vcpu, state, *before, result);
}

}  // namespace rmguest
