// SPDX-License-Identifier: GPL-2.0-only
#include "trace_text.hpp"

#include <fmt/core.h>

#include <array>

#include "exit/reason.hpp"
#include "qualification_text.hpp"

namespace rmguest {
namespace {

std::string describe_stop(std::uint64_t why) {
    switch (static_cast<rmvisor_stop_reason>(why)) {
        case RMVISOR_STOP_NONE: return "none";
        case RMVISOR_STOP_IO: return "I/O for its owner";
        case RMVISOR_STOP_HLT: return "HLT";
        case RMVISOR_STOP_SHUTDOWN: return "triple fault";
        case RMVISOR_STOP_ENTRY_FAILED: return "VM entry failed";
        case RMVISOR_STOP_KICK: return "its owner asked for it";
        case RMVISOR_STOP_MEMORY: return "access outside of its memory";
        case RMVISOR_STOP_UNHANDLED: return "exit without a handler";
        case RMVISOR_STOP_INTERRUPT_WINDOW: return "interrupts can be injected";
        case RMVISOR_STOP_BUDGET: return "budget used up";
        case RMVISOR_STOP_DEBUG: return "step or breakpoint";
        case RMVISOR_STOP_PDPTES: return "page directory pointers are read";
        case RMVISOR_STOP_INIT_STORM: return "INIT storm";
        case RMVISOR_STOP_VMX_ERROR: return "VMX instruction failed";
    }
    return fmt::format("why {}", why);
}

std::string describe_entry_failure(std::uint64_t why) {
    constexpr std::uint64_t entry_failure = 1u << 31;
    const auto reason = rmv::decode_reason(static_cast<std::uint32_t>(why & 0xffff));
    if ((why & entry_failure) == 0) {
        return fmt::format("VM-instruction error {}", why);
    }
    return reason ? rmv::to_string(*reason) : fmt::format("exit reason {:#x}", why);
}

std::string describe_smis(const rmvisor_trace_record& record) {
    return fmt::format("{} SMIs, {} ticks", record.qualification, record.root_ticks);
}

}  // namespace

std::string describe_guest(const rmvisor_trace_record& record) {
    return record.vm == 0 ? "linux" : fmt::format("vm{}/vcpu{}", record.vm, record.vcpu);
}

std::string describe_event(const rmvisor_trace_record& record) {
    switch (static_cast<rmvisor_trace_type>(record.type)) {
        case RMVISOR_TRACE_EXIT: {
            const auto reason = rmv::decode_reason(record.reason);
            return reason ? rmv::to_string(*reason) : fmt::format("exit reason {}", record.reason);
        }
        case RMVISOR_TRACE_ENTRY_FAILED: return "VM entry failed";
        case RMVISOR_TRACE_LAUNCH: return "Linux became a guest";
        case RMVISOR_TRACE_LEAVE: return "left VMX operation";
        case RMVISOR_TRACE_PARK: return "taken from Linux";
        case RMVISOR_TRACE_RUN: return "guest entered";
        case RMVISOR_TRACE_STOP: return "guest stopped";
        case RMVISOR_TRACE_NMI: return "NMI in root";
        case RMVISOR_TRACE_LOST: return "records lost";
        case RMVISOR_TRACE_INIT: return "INIT";
        case RMVISOR_TRACE_SIPI: return "start-up IPI";
        case RMVISOR_TRACE_SMI: return "SMI";
        case RMVISOR_TRACE_TAKE: return "being taken from Linux";
        case RMVISOR_TRACE_GIVE_BACK: return "given back to Linux";
        case RMVISOR_TRACE_FAULT: return "exception in root";
    }
    return fmt::format("record type {}", record.type);
}

std::string describe_detail(const rmvisor_trace_record& record) {
    switch (static_cast<rmvisor_trace_type>(record.type)) {
        case RMVISOR_TRACE_EXIT: {
            const auto reason = rmv::decode_reason(record.reason);
            return reason ? describe_qualification(*reason, record)
                          : fmt::format("qualification {:#x}", record.qualification);
        }
        case RMVISOR_TRACE_ENTRY_FAILED: return describe_entry_failure(record.qualification);
        case RMVISOR_TRACE_STOP: return describe_stop(record.qualification);
        case RMVISOR_TRACE_LOST:
            return fmt::format("{} records are missing here", record.qualification);
        case RMVISOR_TRACE_INIT: return record.qualification == 0 ? "physical" : "from a vCPU";
        case RMVISOR_TRACE_SIPI: return fmt::format("vector {:#04x}", record.qualification);
        case RMVISOR_TRACE_SMI: return describe_smis(record);
        case RMVISOR_TRACE_FAULT:
            return fmt::format("{}, error code {:#x}", describe_vector(record.reason),
                               record.qualification);
        case RMVISOR_TRACE_TAKE:
        case RMVISOR_TRACE_GIVE_BACK:
        case RMVISOR_TRACE_LAUNCH:
        case RMVISOR_TRACE_LEAVE:
        case RMVISOR_TRACE_PARK:
        case RMVISOR_TRACE_RUN:
        case RMVISOR_TRACE_NMI: return {};
    }
    return {};
}

std::string describe_action(const rmvisor_trace_record& record) {
    switch (static_cast<rmvisor_trace_action>(record.action)) {
        case RMVISOR_ACTION_NONE: return "-";
        case RMVISOR_ACTION_RESUME: return "resumed";
        case RMVISOR_ACTION_SKIP: return "done";
        case RMVISOR_ACTION_INJECT: return "injected";
        case RMVISOR_ACTION_USER: return "to user";
        case RMVISOR_ACTION_LEAVE: return "left VMX";
        case RMVISOR_ACTION_PARK: return "parked";
    }
    return fmt::format("action {}", record.action);
}

bool has_instruction(const rmvisor_trace_record& record) {
    return record.type == RMVISOR_TRACE_EXIT || record.type == RMVISOR_TRACE_ENTRY_FAILED;
}

CodeSize code_size(const rmvisor_trace_record& record) {
    if ((record.flags & RMVISOR_TRACE_F_CODE64) != 0) {
        return CodeSize::bits64;
    }
    return (record.flags & RMVISOR_TRACE_F_CODE32) != 0 ? CodeSize::bits32 : CodeSize::bits16;
}

std::uint64_t instruction_address(const rmvisor_trace_record& record) {
    // 64-bit code has no segment base.
    return code_size(record) == CodeSize::bits64 ? record.rip : record.cs_base + record.rip;
}

std::string describe_address(const rmvisor_trace_record& record) {
    constexpr std::uint32_t real_mode_bases = 0xffff0;
    if (!has_instruction(record)) {
        return "-";
    }
    const bool is_real = (record.flags & RMVISOR_TRACE_F_PROTECTED) == 0 &&
                         code_size(record) == CodeSize::bits16 &&
                         (record.cs_base & ~real_mode_bases) == 0;
    if (is_real) {
        return fmt::format("{:04x}:{:04x}", record.cs_base >> 4, record.rip);
    }
    return fmt::format("{:#x}", instruction_address(record));
}

}  // namespace rmguest
