// SPDX-License-Identifier: GPL-2.0-only
// A machine with one CPU that runs Linux, natively at first: everything is set up as insmod does
// it.
#pragma once

#include <csetjmp>
#include <memory>

#include "exit/linux_exits.hpp"
#include "fake/entry.hpp"
#include "fake/facts.hpp"
#include "fake/fixture.hpp"
#include "fake/vmx.hpp"
#include "vmx/entry_check/entry_check.hpp"
#include "vmx/globals.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

class Machine : public fake::Fixture {
protected:
    static constexpr u32 cpu_number = 2, apic_id = 6, trace_records = 64;
    // Linux's physical addresses of what is not a page of its own.
    static constexpr u64 cpu_phys = 0x4000'0000, image_phys = 0x5000'0000, trace_phys = 0x6000'0000;

    Machine();
    ~Machine() override { visor_destroy(); }
    void TearDown() override;

    // insmod's steps. Each expects the one before.
    u32 set_up();
    u32 set_up_cpu();
    u32 launch();
    // All of them; the CPU then runs Linux as a guest.
    void run_linux();

    // An exit of Linux, and its register values in gprs.
    Next exit(ExitReason reason, u64 qualification = 0);
    Next raw_exit(u32 reason);

    // Runs `code` until the CPU stands still; false if it comes back instead.
    bool stands_still(const std::function<void()>& code);

    visor_cpu* opaque() { return reinterpret_cast<visor_cpu*>(&cpu); }
    u64 field(Field f) const { return fake::vmx().get(f); }
    void set_field(Field f, u64 value) { fake::vmx().set(f, value); }
    u32 injected() const { return static_cast<u32>(field(Field::entry_interruption_info)); }
    std::vector<u64> icr_writes() const;

    struct Aligned {
        alignas(page_size) u8 bytes[page_size + trace_records * sizeof(TraceRecord)];
    };
    std::unique_ptr<Cpu> memory = std::make_unique<Cpu>();
    std::unique_ptr<Aligned> ring = std::make_unique<Aligned>();
    Cpu& cpu = *memory;
    u64 gdt[16]{};
    visor_cpu_facts facts = haswell_facts();
    visor_setup_args setup_args{.x2apic = 1};
    visor_refusal refusal{};
    rmv_gprs gprs{};

private:
    // What the CPU writes at an exit, as one that has nothing to say.
    void clear_exit_information();

    jmp_buf halted_{};
};

// Linux is at an instruction of three bytes in 64-bit code.
class LinuxAtInstruction : public Machine {
protected:
    LinuxAtInstruction() {
        run_linux();
        set_field(Field::guest_rip, globals.text_begin + 0x40);
        start_rip = field(Field::guest_rip);
        set_field(Field::guest_cs_access_rights, 0xa09b);
    }
    void expect_skipped() {
        EXPECT_EQ(field(Field::guest_rip), start_rip + 3);
        EXPECT_EQ(injected() & 0x80000000, 0u);
    }
    u64 start_rip = 0;
};

inline constexpr u32 gp_with_code = 0x80000b0d, ud = 0x80000306, nmi_event = 0x80000202;
inline constexpr u32 machine_check_event = 0x80000312;

}  // namespace rmv
