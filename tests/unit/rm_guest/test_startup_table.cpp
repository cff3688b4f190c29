// SPDX-License-Identifier: GPL-2.0-only
// INIT, start-up IPIs and NMIs between vCPUs: every sender, way to name the target, APIC mode and
// state of the target, against one table of what has to become of them (SDM: MP Initialization
// Protocol Algorithm; Interrupt Command Register; Processor States Following INIT).
#include <array>
#include <iterator>

#include "rm_guest/apic/access.hpp"
#include "rm_guest/apic/arrivals.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/with_apic.hpp"

namespace rmv {
namespace {

using apic::ApicMode;
using apic::MpState;

// ---- the table ----

enum class Role { bootstrap, application };

enum class Before { real, protected_mode, long_mode, halted, waits_for_init, waits_for_startup };
constexpr Before states[] = {Before::real,   Before::protected_mode, Before::long_mode,
                             Before::halted, Before::waits_for_init, Before::waits_for_startup};

enum class After { nothing, restarts, waits, starts, takes_nmi, holds_nmi, waits_and_holds_nmi };

constexpr u8 start_page = 0x9a, later_page = 0x12;
constexpr u32 init = 0x4500, init_deassert = 0x8500, nmi = 0x4400;
constexpr u32 startup = 0x4600 | start_page, later_startup = 0x4600 | later_page;

struct Row {
    const char* name;
    std::array<u32, 2> sent;  // low halves of the ICR; 0: nothing
    After bootstrap;          // running or halted
    After runs;               // an application processor that is running or halted
    After waits_for_init;
    After waits_for_startup;
};

constexpr Row rows[] = {
    {"INIT", {init, 0}, After::restarts, After::waits, After::waits, After::waits},
    {"INIT level de-assert",
     {init_deassert, 0},
     After::nothing,
     After::nothing,
     After::nothing,
     After::nothing},
    {"INIT, de-assert",
     {init, init_deassert},
     After::restarts,
     After::waits,
     After::waits,
     After::waits},
    {"SIPI", {startup, 0}, After::nothing, After::nothing, After::nothing, After::starts},
    {"two SIPIs",
     {startup, later_startup},
     After::nothing,
     After::nothing,
     After::nothing,
     After::starts},
    {"INIT, SIPI", {init, startup}, After::restarts, After::starts, After::starts, After::starts},
    {"two INITs", {init, init}, After::restarts, After::waits, After::waits, After::waits},
    {"NMI", {nmi, 0}, After::takes_nmi, After::takes_nmi, After::holds_nmi, After::holds_nmi},
    {"NMI, INIT", {nmi, init}, After::restarts, After::waits, After::waits, After::waits},
    {"INIT, NMI",
     {init, nmi},
     After::takes_nmi,
     After::waits_and_holds_nmi,
     After::waits_and_holds_nmi,
     After::waits_and_holds_nmi},
};

After wanted(const Row& row, Role role, Before before) {
    if (role == Role::bootstrap) return row.bootstrap;
    switch (before) {
        case Before::waits_for_init: return row.waits_for_init;
        case Before::waits_for_startup: return row.waits_for_startup;
        default: return row.runs;
    }
}

// ---- ways to say whom an IPI is for ----

constexpr u32 target_id = 1, sender_id = 2, nobodys_id = 5;
constexpr u32 self = 1u << 18, all = 2u << 18, all_but_self = 3u << 18, logical = 1u << 11;
constexpr u32 to_everybody = ~0u;

struct Form {
    const char* name;
    u32 bits;                        // of the ICR's low half
    u32 destination;                 // of the high half
    bool from_itself, from_another;  // whether it reaches the target
};

constexpr Form forms[] = {
    {"by number", 0, target_id, true, true},
    {"to another number", 0, nobodys_id, false, false},
    {"by the number for all", 0, to_everybody, true, true},
    {"by its logical id", logical, 1u << target_id, true, true},
    {"to another logical id", logical, 1u << nobodys_id, false, false},
    {"self", self, 0, true, false},
    {"all", all, 0, true, true},
    {"all but self", all_but_self, 0, false, true},
};

// ---- the machine ----

constexpr u64 marker = 0x5555;
constexpr u64 marked_rip = 0x1234;

class StartupTable : public WithApic {
protected:
    StartupTable() {
        globals.first_cpu = &cpu;
        cpu.next_cpu = sender_.get();
    }

    // The target is `cpu`.
    void prepare(Role role, Before before, ApicMode mode) {
        cpu.shared.bootstrap = role == Role::bootstrap;
        cpu.shared.vcpu_id = target_id;
        gprs = {};
        reset();
        set_mode(cpu, mode);
        add_sender(mode);
        if (before == Before::waits_for_startup) {
            ASSERT_TRUE(cpu.rm_inbox.post_init(tag()));
            look();
        } else if (before != Before::waits_for_init) {
            cpu.rm.apic.mp_state = before == Before::halted ? MpState::halted : MpState::runnable;
            enter_mode(before);
        }
        name_logically(cpu, mode);
        gprs.rbx = marker;
        set_field(Field::guest_rip, marked_rip);
    }

    void set_mode(Cpu& one, ApicMode mode) {
        if (mode == ApicMode::x2apic) {
            Vmcs vmcs;
            const u64 base = one.rm.apic_base | mask(ApicBase::enabled, ApicBase::x2apic);
            ASSERT_TRUE(apic::write_apic_base(one, vmcs, base));
        }
        name_logically(one, mode);
    }

    // In xAPIC mode software gives the logical id, and an INIT takes it away again.
    static void name_logically(Cpu& one, ApicMode mode) {
        const apic::LocalApic& local = one.rm.apic.local;
        if (mode == ApicMode::xapic)
            local.page->write(ApicRegister::ldr, 1u << local.id << icr_high_destination_shift);
    }

    void add_sender(ApicMode mode) {
        Cpu& sender = *sender_;
        const u64 x2apic = mode == ApicMode::x2apic ? mask(ApicBase::x2apic) : 0;
        sender.rm.vm = cpu.rm.vm;
        sender.rm.apic.provision = apic::Provision::emulated;
        sender.rm.apic_base = apic_base_default | mask(ApicBase::enabled) | x2apic;
        apic::reset(sender.rm.apic.local, sender.rm_apic_page, sender_id, sender.rm.apic_base);
        sender.rm_inbox.open(cpu.rm.vm);
    }

    void enter_mode(Before before) {
        if (before != Before::protected_mode && before != Before::long_mode) return;
        Vmcs vmcs;
        const bool paging = before == Before::long_mode;
        write_guest_cr4(vmcs, paging ? mask(Cr4::pae) : 0);
        write_guest_cr0(cpu.rm, vmcs, mask(Cr0::pe, Cr0::et) | (paging ? mask(Cr0::pg) : 0));
        write_guest_efer(cpu.rm, vmcs, paging ? mask(Efer::lme, Efer::lma) : 0);
    }

    void send(Cpu& sender, ApicMode mode, u32 low, const Form& form) {
        if (mode == ApicMode::x2apic) {
            ASSERT_TRUE(
                apic::write_apic_msr(sender, 0x830, join(form.destination, low | form.bits)));
            return;
        }
        apic::LocalApic& local = sender.rm.apic.local;
        local.page->write(ApicRegister::icr_high, form.destination << icr_high_destination_shift);
        local.page->write(ApicRegister::icr_low, low | form.bits);
        const auto result =
            apic::written_to_page(local, static_cast<u32>(ApicRegister::icr_low), 0);
        ASSERT_EQ(result.outcome, apic::Written::send);
        apic::send(sender, result.icr);
    }

    // What the target does before its next entry. True if it is entered then.
    bool look() {
        ExitContext context{cpu, gprs};
        cpu.shared.kick = 1;  // instead of waiting for more
        visor_stop stopped{};
        const bool runs = apic::wait_until_runnable(context, stopped);
        cpu.shared.kick = 0;
        EXPECT_EQ(field(Field::guest_activity), 0u) << "never the wait-for-SIPI activity state";
        return runs;
    }

    void expect_after(After after, Before before, bool runs, bool had_init);
    void expect_init_state();

    std::unique_ptr<Cpu> sender_ = std::make_unique<Cpu>();
};

// What INIT does in each mode (the whole table: test_apic.cpp, RegistersAfterInit).
void StartupTable::expect_init_state() {
    Vmcs vmcs;
    EXPECT_EQ(gprs.rbx, 0u);
    EXPECT_EQ(gprs.rdx, fake::cpu().cpuid(1, 0).eax);
    EXPECT_EQ(read_guest_cr0(vmcs) & mask(Cr0::pe, Cr0::pg), 0u);
    EXPECT_EQ(read_guest_cr4(vmcs), 0u);
    EXPECT_EQ(read_guest_efer(cpu.rm, vmcs), 0u);
    EXPECT_EQ(field(Field::guest_cs_access_rights), 0x93u);
    EXPECT_EQ(field(Field::guest_rflags), 2u);
}

void StartupTable::expect_after(After after, Before before, bool runs, bool had_init) {
    const bool ran = before != Before::waits_for_init && before != Before::waits_for_startup;
    const MpState state = cpu.rm.apic.mp_state;
    if (had_init)
        expect_init_state();
    else
        EXPECT_EQ(gprs.rbx, marker) << "registers are an INIT's alone to change";
    EXPECT_EQ(cpu.rm.events.nmis, after == After::takes_nmi || after == After::holds_nmi ||
                                      after == After::waits_and_holds_nmi);
    switch (after) {
        case After::nothing:
            EXPECT_EQ(runs, ran && before != Before::halted);
            EXPECT_EQ(field(Field::guest_rip), marked_rip);
            break;
        case After::restarts:
        case After::takes_nmi:
            EXPECT_TRUE(runs);
            EXPECT_EQ(field(Field::guest_rip), had_init ? 0xfff0 : marked_rip);
            if (had_init) {
                EXPECT_EQ(field(Field::guest_cs_base), 0xffff0000u);
            }
            break;
        case After::starts:
            EXPECT_TRUE(runs);
            EXPECT_EQ(field(Field::guest_cs_selector), start_page << 8);
            EXPECT_EQ(field(Field::guest_cs_base), start_page << 12);
            EXPECT_EQ(field(Field::guest_rip), 0u);
            break;
        case After::holds_nmi: EXPECT_FALSE(runs); break;
        case After::waits:
        case After::waits_and_holds_nmi:
            EXPECT_FALSE(runs);
            EXPECT_EQ(state, MpState::init_received);
            break;
    }
    EXPECT_EQ(runs, state == MpState::runnable);
}

bool has_init(const Row& row) { return row.sent[0] == init || row.sent[1] == init; }

// One signal after the other, both before the target looks or with a look in between: no
// difference.
TEST_F(StartupTable, EverySenderTargetAndMode) {
    unsigned count = 0;
    const auto play = [&](Role role, Before before, ApicMode mode, bool by_itself, const Form& form,
                          const Row& row, bool look_between) {
        prepare(role, before, mode);
        Cpu& sender = by_itself ? cpu : *sender_;
        bool runs = false;
        for (const u32 low : row.sent) {
            if (low == 0) continue;
            send(sender, mode, low, form);
            if (!look_between) continue;
            runs = look();
            name_logically(cpu, mode);
        }
        if (!look_between) runs = look();
        const bool reached = by_itself ? form.from_itself : form.from_another;
        expect_after(reached ? wanted(row, role, before) : After::nothing, before, runs,
                     reached && has_init(row));
        EXPECT_TRUE(fake::cpu().msr_writes.empty()) << "nothing reaches the physical APIC";
        ++count;
    };
    for (const Role role : {Role::bootstrap, Role::application})
        for (const Before before : states) {
            const bool runs =
                before != Before::waits_for_init && before != Before::waits_for_startup;
            if (role == Role::bootstrap && !runs) continue;  // it never waits
            for (const ApicMode mode : {ApicMode::xapic, ApicMode::x2apic})
                for (const bool by_itself : {false, true}) {
                    if (by_itself && (!runs || before == Before::halted)) continue;
                    for (const Form& form : forms)
                        for (const Row& row : rows)
                            for (const bool look_between : {false, true}) {
                                // A sender that has stopped itself sends no more.
                                if (by_itself && look_between) continue;
                                play(role, before, mode, by_itself, form, row, look_between);
                                ASSERT_FALSE(HasFailure())
                                    << row.name << ", " << form.name << ", from "
                                    << (by_itself ? "itself" : "another") << ", role "
                                    << static_cast<int>(role) << ", state "
                                    << static_cast<int>(before) << ", APIC mode "
                                    << static_cast<int>(mode) << ", look between " << look_between;
                            }
                }
        }
    EXPECT_EQ(count, (10u * 2 + 6) * 2 * std::size(forms) * std::size(rows));
}

}  // namespace
}  // namespace rmv
