// SPDX-License-Identifier: GPL-2.0-only
//
// Decoders for the exit qualification (those of vectored events: vmx/interruption.hpp). Pure and
// freestanding: shared by the visor, rmguest and the unit tests.
//
// A qualification means something only together with its exit reason; which decoder fits which
// reason is said above each struct. Decoders look at the defined bits only and never fail, except
// where the SDM reserves an encoding: these give an empty optional.
//
// Source: Intel SDM volume 3, "Exit Qualification".
#pragma once

#include <cstdint>
#include <optional>

#include "vmx/interruption.hpp"

namespace rmv {

namespace detail {

[[nodiscard]] constexpr bool bit(std::uint64_t word, unsigned position) {
    return ((word >> position) & 1u) != 0;
}

[[nodiscard]] constexpr std::uint64_t bits(std::uint64_t word, unsigned high, unsigned low) {
    return (word >> low) & ((std::uint64_t{1} << (high - low + 1)) - 1);
}

}  // namespace detail

// General-purpose registers by their number in instruction encodings and qualifications.
enum class GeneralRegister : std::uint8_t {
    rax,
    rcx,
    rdx,
    rbx,
    rsp,
    rbp,
    rsi,
    rdi,
    r8,
    r9,
    r10,
    r11,
    r12,
    r13,
    r14,
    r15,
};

// ExitReason::io_instruction (SDM: "Exit Qualification for I/O Instructions").
struct IoQualification {
    std::uint16_t port;
    std::uint8_t size;  // of one access, in bytes: 1, 2 or 4
    bool is_in;         // IN or INS; else OUT or OUTS
    bool is_string;     // INS or OUTS
    bool has_rep;
    bool immediate_port;  // port in the instruction; else in DX

    friend constexpr bool operator==(const IoQualification&, const IoQualification&) = default;
};

// Empty when the size is one that the SDM reserves.
[[nodiscard]] constexpr std::optional<IoQualification> decode_io(std::uint64_t qualification) {
    const auto size = static_cast<std::uint8_t>(detail::bits(qualification, 2, 0) + 1);
    if (size != 1 && size != 2 && size != 4) {
        return std::nullopt;
    }
    return IoQualification{
        .port = static_cast<std::uint16_t>(detail::bits(qualification, 31, 16)),
        .size = size,
        .is_in = detail::bit(qualification, 3),
        .is_string = detail::bit(qualification, 4),
        .has_rep = detail::bit(qualification, 5),
        .immediate_port = detail::bit(qualification, 6),
    };
}

// ExitReason::cr_access (SDM: "Exit Qualification for Control-Register Accesses").
enum class CrAccessType : std::uint8_t { mov_to_cr = 0, mov_from_cr = 1, clts = 2, lmsw = 3 };

struct CrAccess {
    std::uint8_t control_register;  // 0 for CLTS and LMSW
    CrAccessType type;
    bool lmsw_from_memory;             // then the linear address field is valid
    GeneralRegister general_register;  // MOV CR only
    std::uint16_t lmsw_source;         // LMSW only

    friend constexpr bool operator==(const CrAccess&, const CrAccess&) = default;
};

[[nodiscard]] constexpr CrAccess decode_cr_access(std::uint64_t qualification) {
    return CrAccess{
        .control_register = static_cast<std::uint8_t>(detail::bits(qualification, 3, 0)),
        .type = static_cast<CrAccessType>(detail::bits(qualification, 5, 4)),
        .lmsw_from_memory = detail::bit(qualification, 6),
        .general_register = static_cast<GeneralRegister>(detail::bits(qualification, 11, 8)),
        .lmsw_source = static_cast<std::uint16_t>(detail::bits(qualification, 31, 16)),
    };
}

// ExitReason::mov_dr (SDM: "Exit Qualification for MOV DR").
struct DrAccess {
    std::uint8_t debug_register;
    bool from_dr;  // MOV from DR; else MOV to DR
    GeneralRegister general_register;

    friend constexpr bool operator==(const DrAccess&, const DrAccess&) = default;
};

[[nodiscard]] constexpr DrAccess decode_dr_access(std::uint64_t qualification) {
    return DrAccess{
        .debug_register = static_cast<std::uint8_t>(detail::bits(qualification, 2, 0)),
        .from_dr = detail::bit(qualification, 4),
        .general_register = static_cast<GeneralRegister>(detail::bits(qualification, 11, 8)),
    };
}

// ExitReason::ept_violation (SDM: "Exit Qualification for EPT Violations").
struct EptViolation {
    bool read;
    bool write;
    bool fetch;
    bool readable;  // what the EPT entries allow at that address
    bool writable;
    bool executable;  // for supervisor-mode linear addresses under mode-based execute control
    bool linear_valid;
    bool is_translation;  // access to the translated address; else to a paging structure.
                          // Valid only with linear_valid.
    bool nmi_unblocked_by_iret;

    friend constexpr bool operator==(const EptViolation&, const EptViolation&) = default;
};

[[nodiscard]] constexpr EptViolation decode_ept_violation(std::uint64_t qualification) {
    return EptViolation{
        .read = detail::bit(qualification, 0),
        .write = detail::bit(qualification, 1),
        .fetch = detail::bit(qualification, 2),
        .readable = detail::bit(qualification, 3),
        .writable = detail::bit(qualification, 4),
        .executable = detail::bit(qualification, 5),
        .linear_valid = detail::bit(qualification, 7),
        .is_translation = detail::bit(qualification, 8),
        .nmi_unblocked_by_iret = detail::bit(qualification, 12),
    };
}

// ExitReason::task_switch (SDM: "Exit Qualification for Task Switches").
enum class TaskSwitchSource : std::uint8_t { call = 0, iret = 1, jmp = 2, task_gate = 3 };

struct TaskSwitch {
    std::uint16_t selector;
    TaskSwitchSource source;

    friend constexpr bool operator==(const TaskSwitch&, const TaskSwitch&) = default;
};

[[nodiscard]] constexpr TaskSwitch decode_task_switch(std::uint64_t qualification) {
    return TaskSwitch{
        .selector = static_cast<std::uint16_t>(detail::bits(qualification, 15, 0)),
        .source = static_cast<TaskSwitchSource>(detail::bits(qualification, 31, 30)),
    };
}

// ExitReason::apic_access (SDM: "Exit Qualification for APIC-Access VM Exits from Linear Accesses
// and Guest-Physical Accesses").
enum class ApicAccessType : std::uint8_t {
    linear_read = 0,
    linear_write = 1,
    linear_fetch = 2,
    linear_during_event_delivery = 3,
    physical_during_event_delivery = 10,
    physical_fetch_or_data = 15,
};

struct ApicAccess {
    std::uint16_t offset;  // in the APIC page; means nothing for guest-physical accesses
    ApicAccessType type;

    friend constexpr bool operator==(const ApicAccess&, const ApicAccess&) = default;
};

// Empty when the access type is one that the SDM reserves.
[[nodiscard]] constexpr std::optional<ApicAccess> decode_apic_access(std::uint64_t qualification) {
    const auto type = static_cast<ApicAccessType>(detail::bits(qualification, 15, 12));
    switch (type) {
        case ApicAccessType::linear_read:
        case ApicAccessType::linear_write:
        case ApicAccessType::linear_fetch:
        case ApicAccessType::linear_during_event_delivery:
        case ApicAccessType::physical_during_event_delivery:
        case ApicAccessType::physical_fetch_or_data:
            return ApicAccess{
                .offset = static_cast<std::uint16_t>(detail::bits(qualification, 11, 0)),
                .type = type,
            };
    }
    return std::nullopt;
}

// ExitReason::startup_ipi (SDM: "Exit Qualification for Start-Up IPI").
[[nodiscard]] constexpr std::uint8_t decode_sipi_vector(std::uint64_t qualification) {
    return static_cast<std::uint8_t>(detail::bits(qualification, 7, 0));
}

// ExitReason::apic_write: offset of the register in the APIC page.
[[nodiscard]] constexpr std::uint16_t decode_apic_write_offset(std::uint64_t qualification) {
    return static_cast<std::uint16_t>(detail::bits(qualification, 11, 0));
}

// ExitReason::entry_failure_guest_state (SDM: "VM-Entry Failures During or After Loading Guest
// State"): the cases in which the qualification says more than "some check failed".
enum class EntryFailureCause : std::uint8_t {
    other = 0,
    pdpte_loading = 2,
    nmi_injection = 3,
    vmcs_link_pointer = 4,
};

// Empty when the qualification is none of the defined values.
[[nodiscard]] constexpr std::optional<EntryFailureCause> decode_entry_failure(
    std::uint64_t qualification) {
    switch (qualification) {
        case 0: return EntryFailureCause::other;
        case 2: return EntryFailureCause::pdpte_loading;
        case 3: return EntryFailureCause::nmi_injection;
        case 4: return EntryFailureCause::vmcs_link_pointer;
    }
    return std::nullopt;
}

static_assert(decode_io(0x00e90000 | 0x40) == IoQualification{.port = 0xe9,
                                                              .size = 1,
                                                              .is_in = false,
                                                              .is_string = false,
                                                              .has_rep = false,
                                                              .immediate_port = true});
static_assert(!decode_io(2));
static_assert(decode_cr_access(0x300).general_register == GeneralRegister::rbx);

}  // namespace rmv
