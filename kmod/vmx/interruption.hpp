// SPDX-License-Identifier: GPL-2.0-only
// Vectored events as the VMCS describes them. The VM-entry and VM-exit interruption-information
// fields and the IDT-vectoring information field share one layout (SDM: VM-Entry Controls for Event
// Injection; Information for VM Exits Due to Vectored Events; Information for VM Exits That Occur
// During Event Delivery).
//
// Pure and freestanding: shared by the visor, rmguest and the unit tests.
#pragma once

#include <cstdint>
#include <optional>

namespace rmv {

// Vectors that code has a name for (SDM: Exception and Interrupt Vectors).
enum class Vector : std::uint8_t {
    debug = 1,
    nmi = 2,
    breakpoint = 3,
    overflow = 4,
    invalid_opcode = 6,
    double_fault = 8,
    stack_fault = 12,
    general_protection = 13,
    page_fault = 14,
    machine_check = 18,
};

inline constexpr unsigned last_exception = 31;

// #DF, #TS, #NP, #SS, #GP, #PF, #AC. None of them does in real mode.
[[nodiscard]] constexpr bool pushes_error_code(unsigned vector) noexcept {
    constexpr std::uint32_t vectors =
        1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 17;
    return vector <= last_exception && (vectors >> vector & 1) != 0;
}

enum class InterruptionType : std::uint8_t {
    external_interrupt = 0,
    reserved = 1,
    nmi = 2,
    hardware_exception = 3,
    software_interrupt = 4,
    privileged_software_exception = 5,
    software_exception = 6,
    other_event = 7,
};

// INT n, INT1, INT3, INTO: their delivery needs the length of the instruction.
[[nodiscard]] constexpr bool is_software_event(InterruptionType type) noexcept {
    return type == InterruptionType::software_interrupt ||
           type == InterruptionType::privileged_software_exception ||
           type == InterruptionType::software_exception;
}

inline constexpr std::uint32_t interruption_vector_mask = 0xff;
inline constexpr unsigned interruption_type_shift = 8;
inline constexpr std::uint32_t interruption_type_mask = 7u << interruption_type_shift;
inline constexpr std::uint32_t interruption_error_code = 1u << 11;
inline constexpr std::uint32_t interruption_nmi_unblocked = 1u << 12;  // VM exits only
inline constexpr std::uint32_t interruption_valid = 1u << 31;

[[nodiscard]] constexpr std::uint32_t make_interruption(InterruptionType type,
                                                        std::uint8_t vector) noexcept {
    return interruption_valid | static_cast<std::uint32_t>(type) << interruption_type_shift |
           vector;
}

struct InterruptionInfo {
    std::uint8_t vector;
    InterruptionType type;
    bool has_error_code;
    bool nmi_unblocked_by_iret;  // VM exits only

    [[nodiscard]] constexpr bool is(InterruptionType one) const noexcept { return type == one; }
    friend constexpr bool operator==(const InterruptionInfo&, const InterruptionInfo&) = default;
};

// Empty when the field's valid bit is clear.
[[nodiscard]] constexpr std::optional<InterruptionInfo> decode_interruption(
    std::uint32_t info) noexcept {
    if ((info & interruption_valid) == 0) return std::nullopt;
    return InterruptionInfo{
        .vector = static_cast<std::uint8_t>(info & interruption_vector_mask),
        .type = static_cast<InterruptionType>((info & interruption_type_mask) >>
                                              interruption_type_shift),
        .has_error_code = (info & interruption_error_code) != 0,
        .nmi_unblocked_by_iret = (info & interruption_nmi_unblocked) != 0,
    };
}

}  // namespace rmv
