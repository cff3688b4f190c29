// SPDX-License-Identifier: GPL-2.0-only
// Any instruction bytes in any mode, with any registers: the emulator completes, pauses, faults or
// refuses, stays inside of its bus, and a refusal changes nothing.
#include "lib/emulator/emulator.hpp"

#include <cstdlib>
#include <cstring>

#include "input.hpp"
#include "targets.hpp"
#include "user/emulator/fake_guest.hpp"

namespace {

using namespace rmguest;

VcpuState pick_state(fuzz::Input& input, FakeBus& bus) {
    switch (input.pick(4)) {
        case 0: return real_mode();
        case 1: return protected_mode(false);
        case 2: return protected_mode(true);
        default: return long_mode(bus);
    }
}

void pick_registers(fuzz::Input& input, kvm_regs& registers) {
    __u64* const general[] = {&registers.rax, &registers.rbx, &registers.rcx, &registers.rdx,
                              &registers.rsi, &registers.rdi, &registers.rbp};
    for (__u64* const one : general) {
        if (input.flip())
            *one = FakeBus::window + input.pick(64);
        else if (input.flip())
            *one = input.number();
    }
    registers.rflags = 2 | (input.take<std::uint16_t>() & 0xfd5u);
}

}  // namespace

void fuzz::emulator(std::span<const std::uint8_t> bytes) {
    fuzz::Input input{bytes};
    FakeBus bus;
    VcpuState state = pick_state(input, bus);
    pick_registers(input, state.registers);
    if (input.flip()) state.system.ds = state.system.es = real_segment(0xb800);
    std::array<std::uint8_t, 15> code{};
    input.take_bytes(code.data(), code.size());
    const VcpuState before = state;
    const auto memory = bus.bytes;
    const auto result =
        emulate(state, bus, {.bytes = code, .physical = FakeBus::window, .most_iterations = 64});
    if (result.end != EmulationEnd::unsupported) return;
    if (!result.error || std::memcmp(&state.registers, &before.registers, sizeof(kvm_regs)) != 0 ||
        memory != bus.bytes)
        std::abort();
}
