// SPDX-License-Identifier: GPL-2.0-only
// CPUID of Linux: what it answers, the ways that it goes, and when entry.S may answer it.
#include "linux/machine.hpp"

namespace rmv {
namespace {

class Cpuid : public LinuxAtInstruction {};

TEST_F(Cpuid, ALeaf) {
    fake::cpu().leaves[{1, 5}] = {0x306c3, 0x100800, 0xf7fafbff, 0xbfebfbff};
    gprs.rax = 0xffffffff'00000001;
    gprs.rcx = 5;
    EXPECT_EQ(exit(ExitReason::cpuid), Next::enter);
    expect_skipped();
    EXPECT_EQ(gprs.rax, 0x306c3u);
    EXPECT_EQ(gprs.rbx, 0x100800u);
    EXPECT_EQ(gprs.rcx, 0xfffafbffu);  // OSXSAVE is on in Linux's CR4
    EXPECT_EQ(gprs.rdx, 0xbfebfbffu);
    EXPECT_EQ(cpu.stats.linux_exits[10].count, 1u);
}

// Bits that mirror CR4 show Linux's, not root's.
TEST_F(Cpuid, MirrorsCr4OfLinux) {
    const struct {
        u32 leaf;
        u32 bit;
        Cr4 cr4;
        u64 rmv_gprs::*reg;
    } cases[] = {{1, 27, Cr4::osxsave, &rmv_gprs::rcx},
                 {7, 4, Cr4::pke, &rmv_gprs::rcx},
                 {0x19, 0, Cr4::kl, &rmv_gprs::rbx}};
    for (const auto& one : cases) {
        for (const bool hardware : {false, true}) {
            for (const bool on : {false, true}) {
                const u32 regs = hardware ? ~0u : 0;
                fake::cpu().leaves[{one.leaf, 0}] = {0, regs, regs, 0};
                set_field(Field::guest_cr4, on ? mask(one.cr4) : 0);
                gprs.rax = one.leaf;
                gprs.rcx = 0;
                ASSERT_EQ(exit(ExitReason::cpuid), Next::enter);
                EXPECT_EQ(gprs.*one.reg >> one.bit & 1, on ? 1u : 0u) << one.leaf;
                EXPECT_EQ(gprs.*one.reg & ~(u64{1} << one.bit), regs & ~(u64{1} << one.bit))
                    << one.leaf;
            }
        }
    }
    fake::cpu().leaves[{7, 1}] = {0, 0, 0x10, 0};  // another subleaf is another thing
    set_field(Field::guest_cr4, 0);
    gprs.rax = 7;
    gprs.rcx = 1;
    ASSERT_EQ(exit(ExitReason::cpuid), Next::enter);
    EXPECT_EQ(gprs.rcx, 0x10u);
}

// What entry.S leaves to the general way, which does the whole for all the rest, too.
TEST_F(Cpuid, TheGeneralWay) {
    constexpr u32 mov_ss = 2, sti = 1, tf = 0x100, single_step = 0x4000;
    fake::cpu().leaves[{4, 2}] = {0x11, 0x22, 0x33, 0x44};
    fake::cpu().leaves[{1, 2}] = {0x11, 0x22, 0x08000033, 0x44};
    for (const u64 leaf : {4, 1}) {
        for (const u32 shadow : {0u, sti, mov_ss}) {
            for (const u64 trap : {0u, tf}) {
                for (const u32 watch :
                     {0u, watch_latency, watch_trace, watch_latency | watch_trace}) {
                    for (const u32 launched : {0u, 1u}) {
                        SCOPED_TRACE(::testing::Message() << leaf << ' ' << shadow << ' ' << trap);
                        const u64 before = cpu.stats.linux_exits[10].count;
                        cpu.watch = watch;
                        cpu.vmcs_launched = launched;
                        cpu.has_exited = launched != 0;
                        set_field(Field::guest_rip, start_rip);
                        set_field(Field::guest_interruptibility, shadow);
                        set_field(Field::guest_rflags, 2 | trap);
                        set_field(Field::guest_pending_debug, 0);
                        gprs = {.rax = 0xffffffff'00000000 | leaf, .rcx = 0xffffffff'00000002};
                        ASSERT_EQ(exit(ExitReason::cpuid), Next::enter);
                        expect_skipped();
                        EXPECT_EQ(gprs.rax, 0x11u);
                        EXPECT_EQ(gprs.rbx, 0x22u);
                        EXPECT_EQ(gprs.rcx & 0xff, 0x33u);
                        EXPECT_EQ(gprs.rdx, 0x44u);
                        EXPECT_EQ(field(Field::guest_interruptibility), 0u);
                        EXPECT_EQ(field(Field::guest_pending_debug), trap != 0 ? single_step : 0u);
                        EXPECT_EQ(cpu.stats.linux_exits[10].count, before + 1);
                        EXPECT_EQ(cpu.vmcs_launched, 1u);
                        EXPECT_TRUE(cpu.has_exited);
                    }
                }
            }
        }
    }
    u64 measured = 0;
    for (const u64 exits : cpu.stats.linux_exits[10].histogram) measured += exits;
    EXPECT_EQ(measured, 48u) << "with two of the four watches";
}

// What entry.S answers by itself: CPUID of a Linux at work.
TEST_F(Cpuid, QuickAnswers) {
    cpu.trace.set_overwrite(true);
    EXPECT_EQ(cpu.quick, 0u) << "not before the first exit";
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.quick, u32{QUICK_ANSWER});
    cpu.watch = watch_latency;
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.quick, u32{QUICK_ANSWER | QUICK_LATENCY});
    cpu.watch = watch_trace;
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.quick, u32{QUICK_TRACE});
    cpu.watch = watch_trace | watch_latency;
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.quick, u32{QUICK_TRACE | QUICK_LATENCY});
    cpu.watch = 0;
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.quick, u32{QUICK_ANSWER});
    cpu.pending = PENDING_NMI;
    EXPECT_EQ(visor_handle_pending(&gprs, &cpu), Next::enter);
    EXPECT_EQ(cpu.quick, u32{QUICK_ANSWER});
    exit(ExitReason::hlt);  // which has no answer: the CPU is on its way out
    EXPECT_TRUE(cpu.leave.pending);
    EXPECT_EQ(cpu.quick, 0u);
}

// Records that may be dropped are the general way's.
TEST_F(Cpuid, NoQuickAnswers) {
    const rmv_filter_step step{
        RMV_FIELD_CPU, RMV_TEST_EQUAL, RMV_FILTER_ACCEPT, RMV_FILTER_REJECT, 0, 1};
    cpu.watch = watch_trace;
    cpu.trace.set_overwrite(false);
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.quick, 0u);
    cpu.trace.set_overwrite(true);
    ASSERT_TRUE(cpu.filter.load(&step, 1));
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.quick, 0u);
    cpu.watch = watch_latency;
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.quick, u32{QUICK_ANSWER | QUICK_LATENCY});
    ASSERT_TRUE(cpu.filter.load(nullptr, 0));
    cpu.watch = watch_trace;
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.quick, u32{QUICK_TRACE});
}

// The exit that came instead of the one that begin_leave() has arranged.
TEST_F(Cpuid, WhileLeaving) {
    cpu.leave.pending = true;
    EXPECT_EQ(exit(ExitReason::cpuid), Next::leave);
    EXPECT_EQ(field(Field::guest_rip), start_rip);
}

}  // namespace
}  // namespace rmv
