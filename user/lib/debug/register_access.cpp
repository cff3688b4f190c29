// SPDX-License-Identifier: GPL-2.0-only
#include "register_access.hpp"

#include <fmt/core.h>

#include <array>

#include "lib/near_names.hpp"

namespace rmguest {
namespace {

struct General {
    const char* name;
    unsigned number;
    unsigned bits;
    unsigned shift = 0;
};

constexpr unsigned instruction_pointer = 16, flags_register = 17;

constexpr General generals[] = {
    {"eax", 0, 32},
    {"ecx", 1, 32},
    {"edx", 2, 32},
    {"ebx", 3, 32},
    {"esp", 4, 32},
    {"ebp", 5, 32},
    {"esi", 6, 32},
    {"edi", 7, 32},
    {"ax", 0, 16},
    {"cx", 1, 16},
    {"dx", 2, 16},
    {"bx", 3, 16},
    {"sp", 4, 16},
    {"bp", 5, 16},
    {"si", 6, 16},
    {"di", 7, 16},
    {"al", 0, 8},
    {"cl", 1, 8},
    {"dl", 2, 8},
    {"bl", 3, 8},
    {"ah", 0, 8, 8},
    {"ch", 1, 8, 8},
    {"dh", 2, 8, 8},
    {"bh", 3, 8, 8},
    {"rax", 0, 64},
    {"rcx", 1, 64},
    {"rdx", 2, 64},
    {"rbx", 3, 64},
    {"rsp", 4, 64},
    {"rbp", 5, 64},
    {"rsi", 6, 64},
    {"rdi", 7, 64},
    {"r8", 8, 64},
    {"r9", 9, 64},
    {"r10", 10, 64},
    {"r11", 11, 64},
    {"r12", 12, 64},
    {"r13", 13, 64},
    {"r14", 14, 64},
    {"r15", 15, 64},
    {"ip", instruction_pointer, 16},
    {"eip", instruction_pointer, 32},
    {"rip", instruction_pointer, 64},
    {"flags", flags_register, 16},
    {"eflags", flags_register, 32},
};

struct Segment {
    const char* name;
    kvm_segment kvm_sregs::*member;
};
constexpr Segment segments[] = {{"cs", &kvm_sregs::cs}, {"ds", &kvm_sregs::ds},
                                {"es", &kvm_sregs::es}, {"ss", &kvm_sregs::ss},
                                {"fs", &kvm_sregs::fs}, {"gs", &kvm_sregs::gs}};

struct Control {
    const char* name;
    __u64 kvm_sregs::*member;
};
constexpr Control controls[] = {{"cr0", &kvm_sregs::cr0},
                                {"cr2", &kvm_sregs::cr2},
                                {"cr3", &kvm_sregs::cr3},
                                {"cr4", &kvm_sregs::cr4},
                                {"efer", &kvm_sregs::efer}};

template <typename Table>
auto find_name(const Table& table, std::string_view name) -> decltype(&table[0]) {
    for (const auto& row : table) {
        if (name == row.name) {
            return &row;
        }
    }
    return nullptr;
}

__u64& place_of(kvm_regs& registers, unsigned number) {
    switch (number) {
        case instruction_pointer: return registers.rip;
        case flags_register: return registers.rflags;
        default: return general_register(registers, number);
    }
}

std::uint64_t mask_of(const General& general) {
    return general.bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << general.bits) - 1;
}

Outcome too_wide(std::string_view name, std::uint64_t value) {
    return Error{fmt::format("{:x} is too wide for {}", value, name), "give a smaller number"};
}

// A write to a 32-bit register clears the upper half, as the CPU does; others leave the rest alone.
Outcome write_general(VcpuState& state, const General& general, std::uint64_t value) {
    const std::uint64_t mask = mask_of(general);
    if ((value & ~mask) != 0) {
        return too_wide(general.name, value);
    }
    __u64& place = place_of(state.registers, general.number);
    place =
        general.bits == 32 ? value : (place & ~(mask << general.shift)) | (value << general.shift);
    return Done{};
}

Outcome write_segment(VcpuState& state, const Segment& segment, std::uint64_t value) {
    constexpr std::uint64_t largest_selector = 0xffff;
    if (value > largest_selector) {
        return too_wide(segment.name, value);
    }
    if (is_protected(state)) {
        return Error{fmt::format("{} can't be set in protected mode, where a descriptor goes with "
                                 "it",
                                 segment.name),
                     "let the guest load it itself"};
    }
    kvm_segment& place = state.system.*segment.member;
    place.selector = static_cast<__u16>(value);
    place.base = value << 4;
    return Done{};
}

}  // namespace

std::optional<std::uint64_t> read_register(const VcpuState& state, std::string_view name) {
    if (const General* general = find_name(generals, name)) {
        kvm_regs registers = state.registers;
        return (place_of(registers, general->number) >> general->shift) & mask_of(*general);
    }
    if (const Segment* segment = find_name(segments, name)) {
        return (state.system.*segment->member).selector;
    }
    if (const Control* control = find_name(controls, name)) {
        return state.system.*control->member;
    }
    return std::nullopt;
}

Outcome write_register(VcpuState& state, std::string_view name, std::uint64_t value) {
    if (const General* general = find_name(generals, name)) {
        return write_general(state, *general, value);
    }
    if (const Segment* segment = find_name(segments, name)) {
        return write_segment(state, *segment, value);
    }
    if (const Control* control = find_name(controls, name)) {
        state.system.*control->member = value;
        return Done{};
    }
    const std::string near = describe_near_names(name, register_names());
    return Error{fmt::format("there is no register '{}'", name),
                 near.empty() ? "eax, ax, al, ds, ip, eflags and cr0 are some"
                              : "did you mean " + near + "?"};
}

const kvm_segment* segment_register(const VcpuState& state, std::string_view name) {
    const Segment* segment = find_name(segments, name);
    return segment == nullptr ? nullptr : &(state.system.*segment->member);
}

std::uint64_t address_in(const VcpuState& state, const kvm_segment& segment, std::uint64_t offset) {
    constexpr std::uint64_t mask32 = 0xffff'ffff;
    const bool is_flat = code_size(state) == CodeSize::bits64 && &segment != &state.system.fs &&
                         &segment != &state.system.gs;
    const std::uint64_t linear = (is_flat ? 0 : segment.base) + offset;
    return code_size(state) == CodeSize::bits64 ? linear : linear & mask32;
}

std::vector<std::string> register_names() {
    std::vector<std::string> names;
    for (const General& general : generals) {
        names.emplace_back(general.name);
    }
    for (const Segment& segment : segments) {
        names.emplace_back(segment.name);
    }
    for (const Control& control : controls) {
        names.emplace_back(control.name);
    }
    return names;
}

}  // namespace rmguest
