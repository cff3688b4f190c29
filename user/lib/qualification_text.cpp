// SPDX-License-Identifier: GPL-2.0-only
#include "qualification_text.hpp"

#include <fmt/core.h>

#include <array>

#include "exit/qualification.hpp"

namespace rmguest {
namespace {

using Record = rmvisor_trace_record;
using rmv::ExitReason;

bool has_registers(const Record& record) { return (record.flags & RMVISOR_TRACE_F_REGS) != 0; }
bool has_linear(const Record& record) { return (record.flags & RMVISOR_TRACE_F_LINEAR) != 0; }
bool has_physical(const Record& record) { return (record.flags & RMVISOR_TRACE_F_PHYSICAL) != 0; }

const char* register_name(rmv::GeneralRegister which) {
    constexpr std::array names{"RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
                               "R8",  "R9",  "R10", "R11", "R12", "R13", "R14", "R15"};
    return names[static_cast<std::size_t>(which)];
}

std::string accumulator(const Record& record, unsigned size) {
    switch (size) {
        case 1: return fmt::format("AL={:02x}", record.rax & 0xffu);
        case 2: return fmt::format("AX={:04x}", record.rax & 0xffffu);
        default: return fmt::format("EAX={:08x}", record.rax);
    }
}

std::string describe_io(const Record& record) {
    const auto io = rmv::decode_io(record.qualification);
    if (!io) {
        return fmt::format("reserved qualification {:#x}", record.qualification);
    }
    std::string text =
        fmt::format("{}{} port {:#x}, {} byte{}", io->is_in ? "IN" : "OUT",
                    io->is_string ? "S" : "", io->port, io->size, io->size == 1 ? "" : "s");
    text = (io->has_rep ? "REP " : "") + text;
    if (io->is_string && has_linear(record)) {
        text += fmt::format(", at {:#x}", record.linear_address);
    } else if (!io->is_string && !io->is_in && has_registers(record)) {
        text += ", " + accumulator(record, io->size);
    }
    return text;
}

std::string describe_cr_access(const Record& record) {
    const rmv::CrAccess access = rmv::decode_cr_access(record.qualification);
    switch (access.type) {
        case rmv::CrAccessType::mov_to_cr:
            return fmt::format("MOV to CR{} from {}", access.control_register,
                               register_name(access.general_register));
        case rmv::CrAccessType::mov_from_cr:
            return fmt::format("MOV from CR{} to {}", access.control_register,
                               register_name(access.general_register));
        case rmv::CrAccessType::clts: return "CLTS";
        case rmv::CrAccessType::lmsw:
            return fmt::format("LMSW {:#06x}{}", access.lmsw_source,
                               access.lmsw_from_memory ? " from memory" : "");
    }
    return {};
}

std::string describe_dr_access(const Record& record) {
    const rmv::DrAccess access = rmv::decode_dr_access(record.qualification);
    return fmt::format("MOV {} DR{} {} {}", access.from_dr ? "from" : "to", access.debug_register,
                       access.from_dr ? "to" : "from", register_name(access.general_register));
}

std::string permissions(const rmv::EptViolation& violation) {
    if (!violation.readable && !violation.writable && !violation.executable) {
        return "not mapped";
    }
    return fmt::format("mapped {}{}{}", violation.readable ? 'r' : '-',
                       violation.writable ? 'w' : '-', violation.executable ? 'x' : '-');
}

std::string describe_ept_violation(const Record& record) {
    const rmv::EptViolation violation = rmv::decode_ept_violation(record.qualification);
    std::string text;
    const auto add = [&text](bool is_set, const char* name) {
        if (is_set) {
            text += text.empty() ? name : std::string("+") + name;
        }
    };
    add(violation.read, "read");
    add(violation.write, "write");
    add(violation.fetch, "fetch");
    if (has_physical(record)) {
        text += fmt::format(" of {:#x}", record.guest_physical);
    }
    text += ", " + permissions(violation);
    if (violation.linear_valid && has_linear(record)) {
        text += fmt::format(", linear {:#x}", record.linear_address);
    }
    if (violation.linear_valid && !violation.is_translation) {
        text += ", in a page walk";
    }
    return text;
}

const char* interruption_type(rmv::InterruptionType type) {
    switch (type) {
        case rmv::InterruptionType::external_interrupt: return "external interrupt";
        case rmv::InterruptionType::reserved: return "reserved type";
        case rmv::InterruptionType::nmi: return "NMI";
        case rmv::InterruptionType::hardware_exception: return "hardware exception";
        case rmv::InterruptionType::software_interrupt: return "software interrupt";
        case rmv::InterruptionType::privileged_software_exception:
            return "privileged software exception";
        case rmv::InterruptionType::software_exception: return "software exception";
        case rmv::InterruptionType::other_event: return "other event";
    }
    return "?";
}

std::string describe_interruption(const Record& record) {
    const auto info = rmv::decode_interruption(record.intr_info);
    if (!info) {
        return {};
    }
    switch (info->type) {
        case rmv::InterruptionType::nmi: return "NMI";
        case rmv::InterruptionType::external_interrupt:
            return fmt::format("vector {:#04x}", info->vector);
        case rmv::InterruptionType::reserved:
        case rmv::InterruptionType::hardware_exception:
        case rmv::InterruptionType::software_interrupt:
        case rmv::InterruptionType::privileged_software_exception:
        case rmv::InterruptionType::software_exception:
        case rmv::InterruptionType::other_event: break;
    }
    std::string text =
        fmt::format("{}, {}", describe_vector(info->vector), interruption_type(info->type));
    constexpr unsigned page_fault = 14;
    constexpr unsigned debug = 1;
    if (info->vector == page_fault) {
        text += fmt::format(" at {:#x}", record.qualification);
    } else if (info->vector == debug) {
        text += fmt::format(", DR6 {:#x}", record.qualification);
    }
    return text;
}

std::string describe_task_switch(const Record& record) {
    constexpr std::array sources{"CALL", "IRET", "JMP", "a task gate"};
    const rmv::TaskSwitch task = rmv::decode_task_switch(record.qualification);
    return fmt::format("to TSS {:#06x} by {}", task.selector,
                       sources[static_cast<std::size_t>(task.source)]);
}

std::string describe_apic_access(const Record& record) {
    const auto access = rmv::decode_apic_access(record.qualification);
    if (!access) {
        return fmt::format("reserved qualification {:#x}", record.qualification);
    }
    switch (access->type) {
        case rmv::ApicAccessType::linear_read:
            return fmt::format("read of offset {:#x}", access->offset);
        case rmv::ApicAccessType::linear_write:
            return fmt::format("write of offset {:#x}", access->offset);
        case rmv::ApicAccessType::linear_fetch:
            return fmt::format("fetch at offset {:#x}", access->offset);
        case rmv::ApicAccessType::linear_during_event_delivery:
            return fmt::format("offset {:#x} during event delivery", access->offset);
        case rmv::ApicAccessType::physical_during_event_delivery:
            return "guest-physical, during event delivery";
        case rmv::ApicAccessType::physical_fetch_or_data: return "guest-physical";
    }
    return {};
}

std::string describe_entry_failure(const Record& record) {
    const auto cause = rmv::decode_entry_failure(record.qualification);
    if (!cause) {
        return fmt::format("qualification {:#x}", record.qualification);
    }
    switch (*cause) {
        case rmv::EntryFailureCause::other: return {};
        case rmv::EntryFailureCause::pdpte_loading: return "while loading the PDPTEs";
        case rmv::EntryFailureCause::nmi_injection: return "NMI injection into an STI shadow";
        case rmv::EntryFailureCause::vmcs_link_pointer: return "VMCS link pointer";
    }
    return {};
}

// What the instruction works on is in registers, which the visor has put into the record.
std::string describe_registers(ExitReason reason, const Record& record) {
    if (!has_registers(record)) {
        return {};
    }
    switch (reason) {
        case ExitReason::cpuid: return fmt::format("EAX={:08x} ECX={:08x}", record.rax, record.rcx);
        case ExitReason::rdmsr:
        case ExitReason::rdpmc: return fmt::format("ECX={:08x}", record.rcx);
        case ExitReason::wrmsr:
        case ExitReason::xsetbv:
            return fmt::format("ECX={:08x} EDX:EAX={:08x}:{:08x}", record.rcx, record.rdx,
                               record.rax);
        case ExitReason::vmcall:
            return fmt::format("EAX={:08x} ECX={:08x} EDX={:08x}", record.rax, record.rcx,
                               record.rdx);
        default: return {};  // the registers are not what the instruction is about
    }
}

}  // namespace

std::string describe_vector(unsigned vector) {
    constexpr std::array<const char*, 32> names{
        "#DE", "#DB", "NMI", "#BP", "#OF",   "#BR", "#UD", "#NM", "#DF", nullptr, "#TS",
        "#NP", "#SS", "#GP", "#PF", nullptr, "#MF", "#AC", "#MC", "#XM", "#VE",   "#CP"};
    if (vector < names.size() && names[vector] != nullptr) {
        return names[vector];
    }
    return fmt::format("vector {:#04x}", vector);
}

// Reasons whose qualification is undefined or zero have only registers, hence the default.
std::string describe_qualification(ExitReason reason, const Record& record) {
    switch (reason) {
        case ExitReason::exception_or_nmi:
        case ExitReason::external_interrupt: return describe_interruption(record);
        case ExitReason::startup_ipi:
            return fmt::format("vector {:#04x}", rmv::decode_sipi_vector(record.qualification));
        case ExitReason::task_switch: return describe_task_switch(record);
        case ExitReason::invlpg: return fmt::format("linear {:#x}", record.qualification);
        case ExitReason::cr_access: return describe_cr_access(record);
        case ExitReason::mov_dr: return describe_dr_access(record);
        case ExitReason::io_instruction: return describe_io(record);
        case ExitReason::entry_failure_guest_state: return describe_entry_failure(record);
        case ExitReason::entry_failure_msr_loading:
            return fmt::format("entry {} of the MSR list", record.qualification);
        case ExitReason::apic_access: return describe_apic_access(record);
        case ExitReason::virtualized_eoi:
            return fmt::format("vector {:#04x}", record.qualification & 0xff);
        case ExitReason::apic_write:
            return fmt::format("offset {:#x}", rmv::decode_apic_write_offset(record.qualification));
        case ExitReason::ept_violation: return describe_ept_violation(record);
        case ExitReason::ept_misconfiguration:
            return has_physical(record) ? fmt::format("at {:#x}", record.guest_physical) : "";
        default: return describe_registers(reason, record);
    }
}

}  // namespace rmguest
