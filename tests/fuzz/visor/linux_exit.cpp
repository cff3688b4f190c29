// SPDX-License-Identifier: GPL-2.0-only
// Exits of Linux with any reason, qualification and registers. After each the CPU is in one of a
// few states, and a VMCS that is entered again breaks no rule of VM entry.
#include "input.hpp"
#include "linux/machine.hpp"
#include "targets.hpp"

namespace rmv {
namespace {

class FuzzedLinux : public Machine {
public:
    void TestBody() override {}

    void run(fuzz::Input& input) {
        run_linux();
        set_field(Field::guest_pending_debug, 0);
        Vmcs vmcs;
        if (find_broken_rule(globals.facts, vmcs) != no_broken_rule) ADD_FAILURE() << "the launch";
        fake::cpu().on_pause = [this] { cpu.pending |= PENDING_NMI; };
        for (unsigned steps = 0; steps < 32 && !input.is_empty(); ++steps)
            if (stands_still([&] { go_on_ = step(input); }) || !go_on_) break;
        fake::cpu().on_pause = nullptr;
        TearDown();
    }

private:
    bool step(fuzz::Input& input) {
        if (input.pick(8) == 0) {
            cpu.pending = 1 + input.pick(3);
            return follow(visor_handle_pending(&gprs, &cpu));
        }
        exit_information(input);
        return follow(visor_handle_exit(&gprs, &cpu));
    }

    void exit_information(fuzz::Input& input) {
        static constexpr u32 leaves[] = {0, 1, 7, 0xd, 0x80000000, 0x80000008};
        set_field(Field::exit_reason, input.pick(16) ? input.pick(80) : input.take<u16>());
        set_field(Field::exit_qualification, input.number());
        set_field(Field::exit_interruption_info, input.flip() ? 0 : input.take<u32>());
        set_field(Field::exit_interruption_error_code, 0);
        set_field(Field::exit_instruction_length, 1 + input.pick(15));
        set_field(Field::exit_instruction_info, 0);
        set_field(Field::idt_vectoring_info, vectoring(input));
        set_field(Field::idt_vectoring_error_code, input.take<u16>() & 0x7fff);
        set_field(Field::guest_physical_address, input.number());
        set_field(Field::guest_linear_address, 0);
        set_field(Field::instruction_error, 0);
        cpu.watch = input.pick(2) != 0 ? watch_trace : 0;
        if (input.flip()) set_field(Field::guest_rip, globals.text_begin + input.pick(256));
        u64* const values = &gprs.rax;
        for (unsigned i = 0; i < 16; ++i)
            if (input.pick(3) == 0) values[i] = input.number();
        if (field(Field::exit_reason) == static_cast<u32>(ExitReason::cpuid)) {
            gprs.rax = leaves[input.pick(std::size(leaves))];
            gprs.rcx = gprs.rax == 0xd ? 2 * input.pick(2) : 0;
        }
        if (field(Field::exit_reason) == static_cast<u32>(ExitReason::cr_access) && input.flip())
            (&gprs.rax)[input.pick(16)] = facts.cr4 ^ bit(input.pick(32));
    }

    // An event that hardware can have been delivering.
    static u32 vectoring(fuzz::Input& input) {
        static constexpr u32 events[] = {0,          0x800000ec, nmi_event,  0x80000b0e,
                                         0x80000306, 0x80000603, 0x80000480, 0x80000301};
        return events[input.pick(std::size(events))];
    }

    bool follow(Next next) {
        EXPECT_TRUE(next == Next::enter || next == Next::leave);
        if (next == Next::leave) {
            struct {
                rmv_gprs gprs;
                ReturnFrame frame;
            } stack{};
            EXPECT_EQ(visor_finish_leave(&stack.gprs, &cpu), Next::leave);
            EXPECT_FALSE(fake::vmx().on);
            EXPECT_EQ(cpu.shared.state, VISOR_CPU_NATIVE);
            return false;
        }
        Vmcs vmcs;
        const u32 rule = find_broken_rule(globals.facts, vmcs);
        EXPECT_EQ(rule, no_broken_rule) << visor_entry_rule_text(rule);
        return fake::vmx().enter(cpu.vmcs_launched != 0);
    }

    bool go_on_ = true;
};

}  // namespace
}  // namespace rmv

void fuzz::linux_exit(std::span<const std::uint8_t> bytes) {
    fuzz::Input input{bytes};
    rmv::FuzzedLinux{}.run(input);
}
