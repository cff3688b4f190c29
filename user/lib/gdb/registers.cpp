// SPDX-License-Identifier: GPL-2.0-only
#include "registers.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "lib/debug/register_access.hpp"

namespace rmguest {
namespace {

enum class Kind {
    general,
    program_counter,
    wide_program_counter,
    flags,
    segment,
    fpu_data,
    fpu_control,
    control,
    base
};

struct Register {
    const char* name;
    Kind kind;
    std::size_t size;
    const char* type;
    unsigned index = 0;
};

// The features org.gnu.gdb.i386.core, all of it, and one of our own, which has what the i8086 has
// not: system registers, and those of 64-bit mode as a whole.
constexpr Register registers_table[] = {
    {"eax", Kind::general, 4, "int32", 0},
    {"ecx", Kind::general, 4, "int32", 1},
    {"edx", Kind::general, 4, "int32", 2},
    {"ebx", Kind::general, 4, "int32", 3},
    {"esp", Kind::general, 4, "data_ptr", 4},
    {"ebp", Kind::general, 4, "data_ptr", 5},
    {"esi", Kind::general, 4, "int32", 6},
    {"edi", Kind::general, 4, "int32", 7},
    {"eip", Kind::program_counter, 4, "code_ptr"},
    {"eflags", Kind::flags, 4, "i386_eflags"},
    {"cs", Kind::segment, 4, "int32"},
    {"ss", Kind::segment, 4, "int32"},
    {"ds", Kind::segment, 4, "int32"},
    {"es", Kind::segment, 4, "int32"},
    {"fs", Kind::segment, 4, "int32"},
    {"gs", Kind::segment, 4, "int32"},
    {"st0", Kind::fpu_data, 10, "i387_ext", 0},
    {"st1", Kind::fpu_data, 10, "i387_ext", 1},
    {"st2", Kind::fpu_data, 10, "i387_ext", 2},
    {"st3", Kind::fpu_data, 10, "i387_ext", 3},
    {"st4", Kind::fpu_data, 10, "i387_ext", 4},
    {"st5", Kind::fpu_data, 10, "i387_ext", 5},
    {"st6", Kind::fpu_data, 10, "i387_ext", 6},
    {"st7", Kind::fpu_data, 10, "i387_ext", 7},
    {"fctrl", Kind::fpu_control, 4, "int", 0},
    {"fstat", Kind::fpu_control, 4, "int", 1},
    {"ftag", Kind::fpu_control, 4, "int", 2},
    {"fiseg", Kind::fpu_control, 4, "int", 3},
    {"fioff", Kind::fpu_control, 4, "int", 4},
    {"foseg", Kind::fpu_control, 4, "int", 5},
    {"fooff", Kind::fpu_control, 4, "int", 6},
    {"fop", Kind::fpu_control, 4, "int", 7},
    {"cr0", Kind::control, 8, "uint64"},
    {"cr2", Kind::control, 8, "uint64"},
    {"cr3", Kind::control, 8, "uint64"},
    {"cr4", Kind::control, 8, "uint64"},
    {"efer", Kind::control, 8, "uint64"},
    {"cs_base", Kind::base, 8, "uint64"},
    {"ss_base", Kind::base, 8, "uint64"},
    {"ds_base", Kind::base, 8, "uint64"},
    {"es_base", Kind::base, 8, "uint64"},
    {"fs_base", Kind::base, 8, "uint64"},
    {"gs_base", Kind::base, 8, "uint64"},
    {"rax", Kind::general, 8, "int64", 0},
    {"rcx", Kind::general, 8, "int64", 1},
    {"rdx", Kind::general, 8, "int64", 2},
    {"rbx", Kind::general, 8, "int64", 3},
    {"rsp", Kind::general, 8, "int64", 4},
    {"rbp", Kind::general, 8, "int64", 5},
    {"rsi", Kind::general, 8, "int64", 6},
    {"rdi", Kind::general, 8, "int64", 7},
    {"r8", Kind::general, 8, "int64", 8},
    {"r9", Kind::general, 8, "int64", 9},
    {"r10", Kind::general, 8, "int64", 10},
    {"r11", Kind::general, 8, "int64", 11},
    {"r12", Kind::general, 8, "int64", 12},
    {"r13", Kind::general, 8, "int64", 13},
    {"r14", Kind::general, 8, "int64", 14},
    {"r15", Kind::general, 8, "int64", 15},
    {"rip", Kind::wide_program_counter, 8, "uint64"},
};
constexpr std::size_t core_count = 32;
constexpr std::size_t register_count = std::size(registers_table);

kvm_segment& segment_of_base(VcpuState& state, std::string_view name) {
    return const_cast<kvm_segment&>(*segment_register(state, name.substr(0, 2)));
}

// Two bits for each register, 11b for an empty one; KVM has one bit, 0 for an empty one.
std::uint64_t full_tags(std::uint8_t valid) {
    std::uint64_t tags = 0;
    for (unsigned index = 0; index < 8; ++index) {
        tags |= ((valid >> index) & 1u) != 0 ? 0 : std::uint64_t{3} << (2 * index);
    }
    return tags;
}

std::uint8_t short_tags(std::uint64_t tags) {
    std::uint8_t valid = 0;
    for (unsigned index = 0; index < 8; ++index) {
        if (((tags >> (2 * index)) & 3u) != 3u) {
            valid = static_cast<std::uint8_t>(valid | 1u << index);
        }
    }
    return valid;
}

// The instruction and the data pointer are 64 bits in KVM: no selectors.
std::uint64_t read_fpu_control(const kvm_fpu& fpu, unsigned index) {
    switch (index) {
        case 0: return fpu.fcw;
        case 1: return fpu.fsw;
        case 2: return full_tags(fpu.ftwx);
        case 4: return fpu.last_ip & 0xffff'ffff;
        case 6: return fpu.last_dp & 0xffff'ffff;
        case 7: return fpu.last_opcode;
        default: return 0;
    }
}

Outcome write_fpu_control(kvm_fpu& fpu, unsigned index, std::uint64_t value) {
    switch (index) {
        case 0: fpu.fcw = static_cast<std::uint16_t>(value); return Done{};
        case 1: fpu.fsw = static_cast<std::uint16_t>(value); return Done{};
        case 2: fpu.ftwx = short_tags(value); return Done{};
        case 4: fpu.last_ip = value; return Done{};
        case 6: fpu.last_dp = value; return Done{};
        case 7: fpu.last_opcode = static_cast<std::uint16_t>(value); return Done{};
        default: return Error{"the selectors of the FPU's pointers can't be set", {}};
    }
}

Outcome write_program_counter(VcpuState& state, std::uint64_t linear) {
    constexpr std::uint64_t mask32 = 0xffff'ffff, largest_ip = 0xffff;
    if (code_size(state) == CodeSize::bits64) {
        state.registers.rip = linear;
        return Done{};
    }
    const std::uint64_t offset = (linear - state.system.cs.base) & mask32;
    if (code_size(state) == CodeSize::bits16 && offset > largest_ip) {
        return Error{fmt::format("{:#x} is not within 64 KiB from CS", linear),
                     "set $cs first; $eip is CS.base + IP here"};
    }
    state.registers.rip = offset;
    return Done{};
}

std::uint64_t read_number(const GdbRegisters& registers, const Register& which) {
    GdbRegisters copy = registers;
    const kvm_regs& general = registers.state.registers;
    switch (which.kind) {
        case Kind::general: return general_register(general, which.index);
        case Kind::program_counter:
            return code_size(registers.state) == CodeSize::bits64
                       ? general.rip
                       : registers.state.system.cs.base + general.rip;
        case Kind::wide_program_counter: return general.rip;
        case Kind::flags: return general.rflags;
        case Kind::segment:
        case Kind::control: return read_register(registers.state, which.name).value_or(0);
        case Kind::base: return segment_of_base(copy.state, which.name).base;
        case Kind::fpu_control: return read_fpu_control(registers.fpu, which.index);
        case Kind::fpu_data: break;
    }
    return 0;
}

// What is not of the smaller register stays.
template <typename Value>
void write_general(Value& whole, std::size_t size, std::uint64_t value) {
    constexpr std::uint64_t low = 0xffff'ffff;
    whole = size == sizeof(std::uint32_t) ? (whole & ~low) | (value & low) : value;
}

Outcome write_number(GdbRegisters& registers, const Register& which, std::uint64_t value) {
    kvm_regs& general = registers.state.registers;
    switch (which.kind) {
        case Kind::general:
            write_general(general_register(general, which.index), which.size, value);
            return Done{};
        case Kind::program_counter: return write_program_counter(registers.state, value);
        case Kind::wide_program_counter: general.rip = value; return Done{};
        case Kind::flags: general.rflags = value; return Done{};
        case Kind::segment:
        case Kind::control: return write_register(registers.state, which.name, value);
        case Kind::base: segment_of_base(registers.state, which.name).base = value; return Done{};
        case Kind::fpu_control: return write_fpu_control(registers.fpu, which.index, value);
        case Kind::fpu_data: break;
    }
    return Done{};
}

}  // namespace

std::size_t gdb_register_count() { return register_count; }

std::size_t gdb_register_size(std::size_t number) { return registers_table[number].size; }

std::vector<std::uint8_t> read_gdb_register(const GdbRegisters& registers, std::size_t number) {
    const Register& which = registers_table[number];
    std::vector<std::uint8_t> bytes(which.size);
    if (which.kind == Kind::fpu_data) {
        std::copy_n(registers.fpu.fpr[which.index], which.size, bytes.begin());
        return bytes;
    }
    const std::uint64_t value = read_number(registers, which);
    std::memcpy(bytes.data(), &value, which.size);
    return bytes;
}

Outcome write_gdb_register(GdbRegisters& registers, std::size_t number,
                           std::span<const std::uint8_t> bytes) {
    const Register& which = registers_table[number];
    if (std::ranges::equal(bytes, read_gdb_register(registers, number))) {
        return Done{};
    }
    if (which.kind == Kind::fpu_data) {
        std::copy_n(bytes.begin(), which.size, registers.fpu.fpr[which.index]);
        return Done{};
    }
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), which.size);
    return write_number(registers, which, value);
}

std::string gdb_target_description() {
    std::string text =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>\n"
        "<architecture>i8086</architecture>\n<osabi>none</osabi>\n<feature "
        "name=\"org.gnu.gdb.i386.core\">\n"
        "<flags id=\"i386_eflags\" size=\"4\">\n";
    struct Flag {
        const char* name;
        unsigned position;
    };
    constexpr Flag flags[] = {{"CF", 0},  {"PF", 2},  {"AF", 4},  {"ZF", 6},  {"SF", 7},
                              {"TF", 8},  {"IF", 9},  {"DF", 10}, {"OF", 11}, {"NT", 14},
                              {"RF", 16}, {"VM", 17}, {"AC", 18}};
    for (const Flag& flag : flags) {
        text += fmt::format("<field name=\"{}\" start=\"{}\" end=\"{}\"/>\n", flag.name,
                            flag.position, flag.position);
    }
    text += "</flags>\n";
    for (std::size_t number = 0; number < register_count; ++number) {
        const Register& which = registers_table[number];
        if (number == core_count) {
            text += "</feature>\n<feature name=\"org.rmvisor.system\">\n";
        }
        text += fmt::format("<reg name=\"{}\" bitsize=\"{}\" type=\"{}\"{}/>\n", which.name,
                            which.size * 8, which.type,
                            number >= core_count ? " group=\"system\"" : "");
    }
    return text + "</feature>\n</target>\n";
}

}  // namespace rmguest
