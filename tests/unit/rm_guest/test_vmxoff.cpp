// SPDX-License-Identifier: GPL-2.0-only
// Leaving VMX operation where the CPU has an SMM-transfer monitor.
#include "vmx/vmxoff.hpp"

#include "rm_guest/guest.hpp"
#include "vmx/controls.hpp"
#include "vmx/leave.hpp"
#include "x86/smm.hpp"

namespace rmv {
namespace {

class VmxoffTest : public Guest {
protected:
    VmxoffTest() {
        cpu.mode = Mode::linux_guest;
        cpu.shared.state = VISOR_CPU_LINUX;
    }

    // As visor_finish_leave() comes to VMXOFF.
    void come_to_vmxoff() {
        Vmcs vmcs;
        cpu.leave.requested = true;
        EXPECT_EQ(begin_leave(cpu, vmcs), Next::enter);
        EXPECT_TRUE(insn::vmclear(cpu.linux_vmcs_phys));
        cpu.mode = Mode::off;
    }
};

constexpr u64 dual_monitor = bit(49);

TEST_F(VmxoffTest, MostCpusLeave) {
    come_to_vmxoff();
    EXPECT_TRUE(leave_vmx_operation(cpu));
    EXPECT_FALSE(fake::vmx().on);
}

TEST_F(VmxoffTest, ARefusedLeaveGoesOnAsAGuest) {
    fake::vmx().dual_monitor = true;
    come_to_vmxoff();
    ASSERT_FALSE(leave_vmx_operation(cpu));
    EXPECT_EQ(stay_in_vmx(cpu, 0), Next::enter);
    EXPECT_TRUE(fake::vmx().on);
    EXPECT_EQ(fake::vmx().current, linux_vmcs_phys);
    EXPECT_EQ(cpu.vmcs_launched, 0u);
    EXPECT_EQ(cpu.mode, Mode::linux_guest);
    EXPECT_EQ(cpu.shared.state, u32{VISOR_CPU_LINUX});
    EXPECT_EQ(cpu.shared.fault.kind, u32{VISOR_FAULT_VMXOFF});
    EXPECT_FALSE(cpu.leave.pending);
    EXPECT_FALSE(cpu.leave.requested);
    EXPECT_FALSE(has(field(Field::pin_based_controls), Pin::preemption_timer));
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
    EXPECT_TRUE(fake::vmx().enter(false)) << "VMLAUNCH";
}

TEST_F(VmxoffTest, OnceTheMonitorIsGoneTheNextLeaveWorks) {
    fake::vmx().dual_monitor = true;
    come_to_vmxoff();
    ASSERT_FALSE(leave_vmx_operation(cpu));
    EXPECT_EQ(stay_in_vmx(cpu, 0), Next::enter);
    EXPECT_TRUE(fake::vmx().enter(false));
    fake::vmx().dual_monitor = false;
    come_to_vmxoff();
    EXPECT_TRUE(leave_vmx_operation(cpu));
}

TEST_F(VmxoffTest, AMachineCheckThatCameMeanwhileIsLinuxs) {
    fake::vmx().dual_monitor = true;
    come_to_vmxoff();
    ASSERT_FALSE(leave_vmx_operation(cpu));
    EXPECT_EQ(stay_in_vmx(cpu, PENDING_NMI | PENDING_MACHINE_CHECK), Next::enter);
    EXPECT_EQ(cpu.pending, u32{PENDING_MACHINE_CHECK});  // the NMI was sent again by IPI
}

TEST_F(VmxoffTest, SmisStayBlockedOnlyIfTheMonitorControlSaysSo) {
    // The fake CPU faults on an MSR that it does not have.
    globals.facts.vmx_basic &= ~dual_monitor;
    EXPECT_FALSE(vmxoff_keeps_smis_blocked());
    globals.facts.vmx_basic |= dual_monitor;
    EXPECT_FALSE(vmxoff_keeps_smis_blocked());
    fake::cpu().set(Msr::smm_monitor_ctl, 1);
    EXPECT_FALSE(vmxoff_keeps_smis_blocked());
    fake::cpu().set(Msr::smm_monitor_ctl, 4);
    EXPECT_TRUE(vmxoff_keeps_smis_blocked());
    globals.facts.vmx_basic &= ~dual_monitor;
    EXPECT_FALSE(vmxoff_keeps_smis_blocked());
}

}  // namespace
}  // namespace rmv
