// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/guest.hpp"

namespace rmv {
namespace {

TEST_F(Guest, EmptyMailboxIsLeftAlone) {
    cpu.shared.command_status = VISOR_NO_MEMORY;
    EXPECT_FALSE(command(VISOR_COMMAND_NONE).has_value());
    EXPECT_EQ(status(), VISOR_NO_MEMORY);
}

TEST_F(Guest, UnknownCommandIsRefused) {
    EXPECT_FALSE(command(static_cast<visor_command>(VISOR_COMMAND_DOORBELL + 1)).has_value());
    EXPECT_EQ(status(), VISOR_BAD_ARGUMENT);
}

TEST_F(Guest, NeedsResetFirst) {
    for (const auto early : {VISOR_COMMAND_RUN, VISOR_COMMAND_GET_STATE, VISOR_COMMAND_SET_STATE}) {
        EXPECT_FALSE(command(early).has_value());
        EXPECT_EQ(status(), VISOR_WRONG_STATE) << early;
    }
    EXPECT_EQ(fake::vmx().current, linux_vmcs_phys);
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_PARKED);
}

TEST_F(Guest, RefusedRunRingsTheDoorbell) {
    cpu.shared.doorbell_vector = doorbell_vector;
    cpu.shared.doorbell_apic_id = doorbell_apic_id;
    command(VISOR_COMMAND_RUN);
    ASSERT_EQ(fake::cpu().msr_writes.size(), 1u);
    EXPECT_EQ(cpu.shared.stop_sequence, 0u);
}

TEST_F(Guest, DoorbellGoesToItsCpu) {
    cpu.shared.doorbell_vector = doorbell_vector;
    cpu.shared.doorbell_apic_id = doorbell_apic_id;
    EXPECT_FALSE(command(VISOR_COMMAND_DOORBELL).has_value());
    EXPECT_EQ(status(), VISOR_OK);
    ASSERT_EQ(fake::cpu().msr_writes.size(), 1u);
    const fake::MsrWrite write = fake::cpu().msr_writes[0];
    EXPECT_EQ(write.msr, Msr::x2apic_icr);
    EXPECT_EQ(high32(write.value), doorbell_apic_id);
    EXPECT_EQ(write.value & 0x7ff, doorbell_vector);  // fixed delivery mode
}

TEST_F(Guest, NoDoorbellWithoutVector) {
    cpu.shared.doorbell_apic_id = doorbell_apic_id;
    command(VISOR_COMMAND_DOORBELL);
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
}

TEST_F(Guest, ParkWaitsForACommand) {
    reset();
    cpu.shared.state = VISOR_CPU_LINUX;
    unsigned waits = 0;
    fake::cpu().on_pause = [&] {
        EXPECT_EQ(cpu.shared.state, VISOR_CPU_PARKED);
        if (++waits == 3) cpu.shared.command = VISOR_COMMAND_RUN;
    };
    EXPECT_EQ(park(cpu, gprs), Next::enter);
    EXPECT_EQ(waits, 3u);
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_RUNNING);
}

TEST_F(Guest, GiveBackReturnsToLinux) {
    cpu.linux_gprs.rbx = 0x1234;
    reset();
    run();
    cpu.pending = 1;  // a kick that came too late
    EXPECT_EQ(command(VISOR_COMMAND_GIVE_BACK), Next::enter);
    EXPECT_EQ(status(), VISOR_OK);
    EXPECT_EQ(fake::vmx().current, linux_vmcs_phys);
    EXPECT_FALSE(fake::vmx().regions.at(rm_vmcs_phys).launched);
    EXPECT_EQ(cpu.vmcs_launched, 1u);
    EXPECT_EQ(cpu.mode, Mode::linux_guest);
    EXPECT_EQ(cpu.nmi_returns_by_iret, 0u);
    EXPECT_EQ(cpu.pending, 0u);
    EXPECT_TRUE(cpu.leave.pending);
    EXPECT_EQ(gprs.rbx, 0x1234u);
    const u64 always = low32(globals.facts.pin_controls);
    EXPECT_EQ(field(Field::pin_based_controls), always | mask(Pin::preemption_timer))
        << "Linux's own, and the timer of an entry that only blocks NMIs";
}

TEST_F(Guest, GiveBackWorksWithoutAGuest) {
    EXPECT_EQ(command(VISOR_COMMAND_GIVE_BACK), Next::enter);
    EXPECT_EQ(fake::vmx().current, linux_vmcs_phys);
}

TEST_F(Guest, GiveBackThatFailsStaysParked) {
    reset();
    fake::vmx().fail_after(1);
    EXPECT_FALSE(command(VISOR_COMMAND_GIVE_BACK).has_value());
    EXPECT_EQ(status(), VISOR_VMCS_FAILED);
    EXPECT_EQ(cpu.mode, Mode::parked);
    EXPECT_FALSE(cpu.leave.pending);
}

}  // namespace
}  // namespace rmv
