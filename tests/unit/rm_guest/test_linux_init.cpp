// SPDX-License-Identifier: GPL-2.0-only
// Physical INITs while a CPU runs Linux.
#include "exit/linux_init.hpp"

#include "rm_guest/guest.hpp"

namespace rmv {
namespace {

class LinuxInitTest : public Guest {
protected:
    LinuxInitTest() {
        cpu.mode = Mode::linux_guest;
        fake::cpu().set(Msr::apic_base, 0xfee00800);
        set_field(Field::guest_rip, 0xffffffff81000000);
        set_field(Field::guest_rflags, 0x246);
    }

    bool is_ignored() {
        ExitContext exit{cpu, gprs};
        return ignore_init(exit);
    }
};

TEST_F(LinuxInitTest, LinuxAtWorkGoesOnAndTheInitIsCounted) {
    EXPECT_TRUE(is_ignored());
    EXPECT_EQ(cpu.shared.stray_inits, 1u);
}

TEST_F(LinuxInitTest, WithInterruptsOffSomebodyWantsTheCpu) {
    set_field(Field::guest_rflags, 0x46);
    EXPECT_FALSE(is_ignored());
    EXPECT_EQ(cpu.shared.stray_inits, 0u);
}

TEST_F(LinuxInitTest, TheBootCpuIsToRestart) {
    fake::cpu().set(Msr::apic_base, 0xfee00900);
    EXPECT_FALSE(is_ignored());
}

TEST_F(LinuxInitTest, OneThatIsNotConsumedDoesNotExitForEver) {
    for (int i = 1; i < 16; ++i) EXPECT_TRUE(is_ignored()) << i;
    EXPECT_FALSE(is_ignored());
}

TEST_F(LinuxInitTest, ProgressBetweenThemIsNoStorm) {
    for (int i = 0; i < 100; ++i) {
        set_field(Field::guest_rip, field(Field::guest_rip) + 4);
        EXPECT_TRUE(is_ignored()) << i;
    }
}

TEST_F(LinuxInitTest, TimeBetweenThemIsNoStorm) {
    for (int i = 0; i < 100; ++i) {
        fake::cpu().tsc += 1'000'000;
        EXPECT_TRUE(is_ignored()) << i;
    }
}

}  // namespace
}  // namespace rmv
