// SPDX-License-Identifier: GPL-2.0-only
#include "failure_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "disassembler.hpp"
#include "emulation_data.hpp"
#include "emulator/fetch.hpp"
#include "exit/reason.hpp"
#include "physical_space.hpp"
#include "qualification_text.hpp"
#include "real_address.hpp"

namespace rmguest {
namespace {

std::string instruction_line(const VcpuState& state, GuestBus& bus) {
    const CodeBytes code = fetch(state, bus);
    const std::string where =
        fmt::format("{:04x}:{:04x}, linear {:#x}", state.system.cs.selector, state.registers.rip,
                    code_address(state, state.registers.rip));
    if (code.count == 0) {
        return fmt::format("  at {}: {}\n", where,
                           is_paged(state) ? "not mapped, or outside of the guest's memory"
                                           : "outside of the guest's memory");
    }
    const auto instruction = disassemble(code.span(), code_size(state), state.registers.rip);
    if (!instruction) {
        return fmt::format("  at {}: no instruction: {:02x}\n", where, fmt::join(code.span(), " "));
    }
    return fmt::format("  at {}: {}    [{:02x}]\n", where, instruction->text,
                       fmt::join(code.span().first(instruction->length), " "));
}

std::string system_registers(const kvm_sregs& s) {
    std::string text;
    const auto add = [&text](const char* name, const kvm_segment& segment) {
        text += fmt::format("  {}={:04x} base={:08x} limit={:08x}", name, segment.selector,
                            segment.base, segment.limit);
    };
    add("CS", s.cs);
    add("SS", s.ss);
    text += '\n';
    add("DS", s.ds);
    add("ES", s.es);
    text += '\n';
    add("FS", s.fs);
    add("GS", s.gs);
    text += fmt::format("\n  CR0={:08x} CR2={:08x} CR3={:08x} CR4={:08x} EFER={:x}\n", s.cr0, s.cr2,
                        s.cr3, s.cr4, s.efer);
    text += fmt::format("  GDT base={:08x} limit={:04x}  IDT base={:08x} limit={:04x}\n",
                        s.gdt.base, s.gdt.limit, s.idt.base, s.idt.limit);
    return text;
}

// An exit that needs the instruction's work done, which the visor leaves to its owner.
Error explain_rmvisor_emulation(const kvm_run& page) {
    constexpr const char* what = "the guest did what rmvisor can't do for it yet";
    const auto data = emulation_data(page);
    const auto reason = data ? rmv::decode_reason(data->reason) : std::nullopt;
    if (!reason) {
        return Error{what, "see dmesg, and the guest's last exits with rmguest trace"};
    }
    rmvisor_trace_record record{};
    record.qualification = data->qualification;
    record.intr_info = data->interruption;
    const bool is_memory = *reason == rmv::ExitReason::ept_violation;
    if (is_memory) {
        record.guest_physical = data->physical;
        record.linear_address = data->linear;
        record.flags = RMVISOR_TRACE_F_PHYSICAL | RMVISOR_TRACE_F_LINEAR;
    }
    return Error{fmt::format("{}: {}, {}", what, rmv::to_string(*reason),
                             describe_qualification(*reason, record)),
                 is_memory ? "there is no memory at that address: --memory gives more"
                           : "write the guest without it"};
}

Error explain_internal_error(const kvm_run& page, bool is_rmvisor) {
    const std::uint32_t suberror = page.internal.suberror;
    if (suberror == KVM_INTERNAL_ERROR_EMULATION && is_rmvisor) {
        return explain_rmvisor_emulation(page);
    }
    if (suberror == KVM_INTERNAL_ERROR_EMULATION) {
        return Error{
            "the device can't run the guest's next instruction (INTERNAL_ERROR, emulation)",
            "is this the code that you meant to run? /dev/kvm without hardware help knows "
            "fewer instructions than a CPU"};
    }
    std::string reason;
    if (suberror == KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON && page.internal.ndata > 0) {
        const auto decoded = rmv::decode_reason(static_cast<std::uint32_t>(page.internal.data[0]));
        reason =
            fmt::format(": exit for {}", decoded ? rmv::to_string(*decoded) : "no known reason");
    }
    std::string data;
    for (std::uint32_t index = 0; index < std::min<std::uint32_t>(page.internal.ndata, 16);
         ++index) {
        data += fmt::format(" {:#x}", page.internal.data[index]);
    }
    return Error{fmt::format("the device gave up on the guest (INTERNAL_ERROR {}{}; data{})",
                             suberror, reason, data.empty() ? " none" : data),
                 "see dmesg, and the guest's last exits with rmguest trace"};
}

// KVM's convention: the exit reason with its entry-failure bit, or the VM-instruction error.
Error explain_fail_entry(const kvm_run& page) {
    const std::uint64_t field = page.fail_entry.hardware_entry_failure_reason;
    const auto low = static_cast<std::uint32_t>(field);
    const auto reason = rmv::decode_reason(low);
    const std::string why =
        !rmv::is_entry_failure(low)
            ? fmt::format("VM-instruction error {}", field)
            : fmt::format("{:#x}, {}", field, reason ? rmv::to_string(*reason) : "no known reason");
    return Error{fmt::format("the CPU refuses to enter the guest (FAIL_ENTRY: {})", why),
                 "the registers below break a rule of the SDM's chapter on VM entries; see dmesg"};
}

// kvm_run.internal.data, see the ABI header.
Error explain_silence(const kvm_run& page) {
    const auto& data = page.internal.data;
    const auto reason = rmv::decode_reason(static_cast<std::uint32_t>(data[1]));
    const bool has_exited = data[1] != RMVISOR_NO_EXIT;
    return Error{
        fmt::format("CPU {} does not answer; the last exit before that: {}", data[0],
                    has_exited && reason ? rmv::to_string(*reason) : "none"),
        "it may be in system-management mode: see SMI rows of rmguest doctor, the firmware's log, "
        "and dmesg; it comes back to Linux by itself when it answers again"};
}

}  // namespace

Error explain_failure(RunEnd end, const kvm_run& page, bool is_rmvisor) {
    switch (end) {
        case RunEnd::shutdown:
            return Error{"the guest ended in a triple fault (SHUTDOWN)",
                         "an exception came and its handler could not be called: look at the "
                         "instruction below, at the IVT or IDT, and at SS:SP"};
        case RunEnd::internal_error: return explain_internal_error(page, is_rmvisor);
        case RunEnd::fail_entry: return explain_fail_entry(page);
        case RunEnd::init_storm:
            return Error{"INIT signals of the machine's kept coming, and the guest came no further",
                         "somebody outside of the guest sends them: firmware, another kernel, or a "
                         "CPU that never uses one up (Bochs 2.7); the CPU is sound again now"};
        case RunEnd::cpu_silent: return explain_silence(page);
        case RunEnd::unknown_exit:
            return Error{fmt::format("the device ended the run with KVM exit reason {}, which this "
                                     "rmguest does not know",
                                     page.exit_reason),
                         "a newer rmguest may know it"};
        case RunEnd::exit_port:
        case RunEnd::halted:
        case RunEnd::timed_out:
        case RunEnd::signalled:
        case RunEnd::stopped:
        case RunEnd::quit:
        case RunEnd::run_failed:
        case RunEnd::output_failed: break;
    }
    return Error{"the guest did not fail", {}};
}

std::string flag_names(std::uint64_t flags) {
    struct Flag {
        unsigned position;
        const char* name;
    };
    constexpr Flag names[] = {{0, "CF"}, {2, "PF"}, {4, "AF"},  {6, "ZF"},  {7, "SF"},
                              {8, "TF"}, {9, "IF"}, {10, "DF"}, {11, "OF"}, {17, "VM"}};
    std::string text;
    for (const Flag& flag : names) {
        if ((flags >> flag.position) & 1u) {
            text += text.empty() ? flag.name : std::string(" ") + flag.name;
        }
    }
    return text;
}

std::string describe_general_registers(const kvm_regs& r) {
    return fmt::format(
        "  EAX={:08x} EBX={:08x} ECX={:08x} EDX={:08x}\n"
        "  ESI={:08x} EDI={:08x} EBP={:08x} ESP={:08x}\n"
        "  EIP={:08x} EFLAGS={:08x} [{}]\n",
        r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp, r.rsp, r.rip, r.rflags,
        flag_names(r.rflags));
}

std::string describe_state(const VcpuState& state, GuestBus& bus) {
    return instruction_line(state, bus) + describe_general_registers(state.registers) +
           system_registers(state.system);
}

std::string describe_state(const VcpuState& state, std::span<const std::uint8_t> memory) {
    // It is looked at only.
    PhysicalSpace space({const_cast<std::uint8_t*>(memory.data()), memory.size()}, {});
    return describe_state(state, space);
}

}  // namespace rmguest
