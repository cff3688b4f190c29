// SPDX-License-Identifier: GPL-2.0-only
// What is read of a vCPU's local APIC: by MSR, by CR8, by its owner.
#include <cstring>
#include <memory>

#include "rm_guest/apic/exits.hpp"
#include "rm_guest/apic/lapic_group.hpp"
#include "rm_guest/msr_access.hpp"
#include "rm_guest/with_apic.hpp"

namespace rmv {
namespace {

TEST_F(WithApic, ItsMsrsAreReadAndWrittenByNumber) {
    constexpr auto tpr = static_cast<Msr>(0x808), missing = static_cast<Msr>(0x3a);
    start();
    enable();
    Vmcs vmcs;
    Status flushed = success;
    EXPECT_TRUE(write_guest_msr(cpu, vmcs, tpr, 0x30, flushed));
    EXPECT_EQ(page().read(ApicRegister::tpr), 0x30u);
    EXPECT_EQ(read_guest_msr(cpu, vmcs, tpr), 0x30u);
    EXPECT_EQ(read_guest_msr(cpu, vmcs, static_cast<Msr>(0x802)), 0u) << "its number";
    EXPECT_TRUE(write_guest_msr(cpu, vmcs, Msr::tsc_deadline, 0, flushed));
    EXPECT_EQ(read_guest_msr(cpu, vmcs, Msr::tsc_deadline), 0u);
    EXPECT_EQ(read_guest_msr(cpu, vmcs, missing), std::nullopt);
    EXPECT_FALSE(write_guest_msr(cpu, vmcs, missing, 0, flushed));
}

TEST_F(WithApic, Cr8IsTheUpperHalfOfItsTpr) {
    start();
    apic::write_cr8(cpu.rm, 5);
    EXPECT_EQ(page().read(ApicRegister::tpr), 0x50u);
    EXPECT_EQ(apic::read_cr8(cpu.rm), 5u);
}

TEST_F(WithApic, ItsIdIsInTheUpperByteWhateverTheMode) {
    cpu.shared.vcpu_id = 6;
    start();
    auto state = std::make_unique<visor_lapic_state>();
    const auto id = [&state] { return *reinterpret_cast<u32*>(state->registers + 0x20); };
    ASSERT_TRUE(apic::get_lapic(cpu, *state).ok());
    EXPECT_EQ(id(), 0x06000000u);
    enable();
    ASSERT_TRUE(apic::get_lapic(cpu, *state).ok());
    EXPECT_EQ(id(), 0x06000000u) << "x2APIC";
}

TEST_F(WithApic, NothingIsBetweenItsRegisters) {
    start();
    auto state = std::make_unique<visor_lapic_state>();
    std::memset(state.get(), 0xee, sizeof(*state));
    EXPECT_TRUE(apic::get_lapic(cpu, *state).ok());
    for (u32 byte = 0; byte < sizeof(state->registers); ++byte) {
        if (byte % apic_register_stride >= sizeof(u32)) {
            ASSERT_EQ(state->registers[byte], 0u) << byte;
        }
    }
}

}  // namespace
}  // namespace rmv
