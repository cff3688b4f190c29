// SPDX-License-Identifier: GPL-2.0-only
// Exits of a real-mode guest with any information, registers and orders of its owner. The guest
// goes on or stops with a reason, and what is entered breaks no rule of VM entry.
#include <cstdio>
#include <cstdlib>

#include "input.hpp"
#include "rm_guest/with_apic.hpp"
#include "targets.hpp"
#include "vmx/entry_check/entry_check.hpp"

namespace rmv {
namespace {

class FuzzedGuest : public WithApic {
public:
    void TestBody() override {}

    void run_all(fuzz::Input& input) {
        cpu.shared.apic = input.flip() ? VISOR_APIC_EMULATED : VISOR_APIC_NONE;
        reset();
        run();
        fake::cpu().on_pause = [&] { meanwhile(input); };
        for (unsigned steps = 0; steps < 32 && !input.is_empty(); ++steps) {
            step(input);
            if (HasFatalFailure()) break;
        }
        fake::cpu().on_pause = nullptr;
    }

private:
    void step(fuzz::Input& input) {
        const auto reason = static_cast<ExitReason>(input.pick(80));
        if (reason == ExitReason::triple_fault && input.flip()) return;
        exit_is(reason, input.number(), 1 + input.pick(15));
        set_field(Field::guest_physical_address, input.number());
        set_field(Field::guest_linear_address, input.number());
        set_field(Field::exit_instruction_info, input.take<u32>());
        set_field(Field::exit_interruption_error_code, 0);
        set_field(Field::idt_vectoring_error_code, 0);
        set_field(Field::instruction_error, 0);
        if (reason == ExitReason::exception_or_nmi && input.flip())
            set_field(Field::exit_interruption_info, 0x80000202);
        if (input.pick(4) == 0) {  // an interrupt was under way, so interrupts were on
            set_field(Field::idt_vectoring_info, 0x80000008);
            set_field(Field::guest_rflags, field(Field::guest_rflags) | mask(Rflags::iflag));
            set_field(Field::guest_interruptibility, 0);
        }
        u64* const values = &gprs.rax;
        for (unsigned i = 0; i < 16; ++i)
            if (input.pick(3) == 0) values[i] = input.number();
        if (reason == ExitReason::rdmsr || reason == ExitReason::wrmsr) gprs.rcx = msr(input);
        pauses_ = 0;
        cpu.shared.kick = 0;
        ExitContext context{cpu, gprs};
        EXPECT_EQ(handle_rm_exit(context, static_cast<u32>(reason)), Next::enter);
        check();
    }

    static u64 msr(fuzz::Input& input) {
        static constexpr u32 known[] = {0x10, 0x1b, 0x174, 0x277, 0x6e0, 0xc0000080, 0xc0000101};
        if (input.flip()) return known[input.pick(std::size(known))];
        return input.flip() ? 0x800 + input.pick(0x40) : input.take<u32>();
    }

    // What Linux does while root waits: it looks at the stop and runs the guest again; a guest that
    // waits for an interrupt is kicked.
    void meanwhile(fuzz::Input& input) {
        if (++pauses_ > 1000) {
            std::fprintf(stderr, "the guest neither runs nor stops\n");
            std::abort();
        }
        if (cpu.shared.state != VISOR_CPU_PARKED) {
            cpu.shared.kick = pauses_ % 4 == 0;
            return;
        }
        EXPECT_NE(cpu.shared.stop.reason, u32{VISOR_STOP_NONE});
        order(input);
        // A guest that waits for what never comes: its owner has it go on.
        if (pauses_ > 50) cpu.rm.apic.mp_state = apic::MpState::runnable;
        cpu.shared.kick = 0;
        cpu.shared.command = VISOR_COMMAND_RUN;
    }

    void order(fuzz::Input& input) {
        visor_run_args& args = cpu.shared.run;
        args = {};
        args.completion = input.pick(VISOR_COMPLETE_NO_PDPTES + 1);
        args.data = input.take<u32>();
        args.elements = 1 + input.pick(4);
        args.cr8 = input.pick(16);
        args.want_window = input.pick(2);
        if (input.flip()) args.budget = input.number();
    }

    unsigned pauses_ = 0;

    void check() {
        Vmcs vmcs;
        const u32 rule = find_broken_rule(globals.facts, vmcs);
        EXPECT_EQ(rule, no_broken_rule) << visor_entry_rule_text(rule);
        ASSERT_TRUE(fake::vmx().enter(cpu.vmcs_launched != 0));
    }
};

}  // namespace
}  // namespace rmv

void fuzz::rm_exit(std::span<const std::uint8_t> bytes) {
    fuzz::Input input{bytes};
    rmv::FuzzedGuest{}.run_all(input);
}
