// SPDX-License-Identifier: GPL-2.0-only
// vCPUs that signal each other: one that waits to be started, and IPIs between two of a guest.
#include "rm_guest/apic/exits.hpp"
#include "rm_guest/with_apic.hpp"

namespace rmv {
namespace {

using apic::MpState;

// ---- an application processor ----

class ApplicationProcessor : public WithApic {
protected:
    ApplicationProcessor() {
        cpu.shared.bootstrap = 0;
        cpu.shared.vcpu_id = 1;
    }
};

TEST_F(ApplicationProcessor, WaitsInRootUntilItIsStarted) {
    reset();
    EXPECT_EQ(cpu.rm.apic.mp_state, MpState::uninitialized);
    unsigned turns = 0;
    fake::cpu().on_pause = [&] {
        switch (++turns) {
            case 1: EXPECT_TRUE(cpu.rm_inbox.post_startup(tag(), 0x12)); break;  // dropped
            case 3: EXPECT_TRUE(cpu.rm_inbox.post_init(tag())); break;
            case 4: EXPECT_TRUE(cpu.rm_inbox.post_nmi(tag())); break;
            case 6: EXPECT_TRUE(cpu.rm_inbox.post_startup(tag(), 0x9a)); break;
        }
        EXPECT_EQ(field(Field::guest_activity), 0u) << "never the wait-for-SIPI activity state";
        ASSERT_LT(turns, 20u);
    };
    EXPECT_EQ(command(VISOR_COMMAND_RUN), Next::enter);
    fake::cpu().on_pause = nullptr;
    EXPECT_EQ(turns, 6u);
    EXPECT_EQ(field(Field::guest_cs_selector), 0x9a00u);
    EXPECT_EQ(field(Field::guest_cs_base), 0x9a000u);
    EXPECT_EQ(field(Field::guest_rip), 0u);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 2) << "the NMI was held";
}

TEST_F(ApplicationProcessor, TheOwnerCanStopTheWait) {
    reset();
    fake::cpu().on_pause = [&] { cpu.shared.kick = 1; };
    EXPECT_FALSE(command(VISOR_COMMAND_RUN).has_value());
    fake::cpu().on_pause = nullptr;
    EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_KICK);
    EXPECT_EQ(cpu.rm.apic.mp_state, MpState::uninitialized);
}

// ---- two CPUs of one guest, and one of another ----

class Peers : public WithApic {
protected:
    Peers() {
        add(*other, 1, 7, 20);
        add(*stranger, 0, 8, 30);
        globals.first_cpu = other.get();
        other->next_cpu = stranger.get();
        stranger->next_cpu = &cpu;
    }

    void add(Cpu& peer, u32 id, u32 vm, u32 physical_id) {
        peer.rm.vm = vm;
        peer.rm.apic.provision = apic::Provision::emulated;
        apic::reset(peer.rm.apic.local, peer.rm_apic_page, id, x2apic_base);
        peer.rm_inbox.open(vm);
        peer.apic_id = physical_id;
        peer.shared.state = VISOR_CPU_RUNNING;
    }

    // What the other vCPU and this one find after a write of the ICR.
    struct Found {
        apic::Arrived other, self;
    };
    Found send(u64 icr) {
        EXPECT_TRUE(x2apic_write(0x830, icr));
        return {other->rm_inbox.take_arrived(), cpu.rm_inbox.take_arrived()};
    }

    std::unique_ptr<Cpu> other = std::make_unique<Cpu>();
    std::unique_ptr<Cpu> stranger = std::make_unique<Cpu>();
};

TEST_F(Peers, SignalsByDestination) {
    start();
    enable();
    constexpr apic::Arrived none{}, init{.init = true}, nmi{.nmi = true};
    constexpr apic::Arrived startup{.startup = true, .startup_vector = 0x9a};
    const struct {
        const char* what;
        u64 icr;
        apic::Arrived other, self;
    } cases[] = {
        {"INIT to the other", join(1, 0x4500), init, none},
        {"INIT to itself, by number", join(0, 0x4500), none, init},
        {"INIT to itself, by shorthand", 0x44500, none, init},
        {"INIT to all but itself", 0xc4500, init, none},
        {"INIT to all", 0x84500, init, init},
        {"INIT to nobody", join(5, 0x4500), none, none},
        {"INIT level de-assert", 0xc8500, none, none},
        {"SIPI to the other", join(1, 0x469a), startup, none},
        {"SIPI to all but itself", 0xc469a, startup, none},
        {"NMI to the other", join(1, 0x4400), nmi, none},
        {"NMI to the other, logical", join(2, 0x4c00), nmi, none},
        {"SMI", 0xc4200, none, none},
    };
    for (const auto& c : cases) {
        const Found found = send(c.icr);
        EXPECT_EQ(found.other, c.other) << c.what;
        EXPECT_EQ(found.self, c.self) << c.what;
    }
    EXPECT_TRUE(stranger->rm_inbox.is_empty()) << "another guest's";
    EXPECT_EQ(other->rm_posters, 0u);
}

TEST_F(Peers, AnNmiMakesTheTargetLookIfItRuns) {
    start();
    enable();
    fake::cpu().msr_writes.clear();
    send(join(1, 0x4041));
    EXPECT_EQ(fake::cpu().msr_writes,
              (std::vector<fake::MsrWrite>{{Msr::x2apic_icr, join(20, 0x4400)}}));
    fake::cpu().msr_writes.clear();
    other->shared.state = VISOR_CPU_PARKED;
    send(join(1, 0x4041));
    send(0x44041);
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
    EXPECT_EQ(other->rm_inbox.take_vectors(2), 2u);
}

TEST_F(Peers, LowestPriorityGoesToOne) {
    start();
    enable();
    other->rm_apic_page.write(ApicRegister::svr, 0x1ff);
    other->rm_apic_page.write(ApicRegister::tpr, 0x80);
    send(join(apic::Inbox::closed + 3, 0x4941));  // logical: both
    EXPECT_EQ(other->rm_inbox.take_vectors(2), 0u);
    EXPECT_EQ(cpu.rm_inbox.take_vectors(2), 2u);
}

TEST_F(Peers, GivingBackClosesTheInbox) {
    reset();
    EXPECT_TRUE(cpu.rm_inbox.post_nmi(tag()));
    apic::close_inbox(cpu);
    EXPECT_FALSE(cpu.rm_inbox.post_nmi(tag()));
    unsigned turns = 0;
    cpu.rm_posters = 1;
    fake::cpu().on_pause = [&] {
        if (++turns == 3) cpu.rm_posters = 0;
    };
    apic::close_inbox(cpu);
    EXPECT_EQ(turns, 3u) << "somebody was posting";
}

}  // namespace
}  // namespace rmv
