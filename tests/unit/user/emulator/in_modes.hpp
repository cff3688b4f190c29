// SPDX-License-Identifier: GPL-2.0-only
//
// The same instruction for the emulator in 16-, 32- and 64-bit code, with every kind of address,
// and for the CPU that runs the test: in 64-bit code, with [RBX] or the registers of strings.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "fake_guest.hpp"
#include "instruction_forms.hpp"
#include "native_cpu.hpp"

namespace rmguest {

inline constexpr std::uint64_t window = FakeBus::window;
// Of the window; FS and GS begin there, the other segments at the window itself.
inline constexpr std::uint64_t other_segment = 0x400;
inline constexpr unsigned data_registers = 3;  // RAX, RCX, RDX: the others make up addresses
inline constexpr unsigned rbx = 3, rsp = 4, rbp = 5, rsi = 6, rdi = 7;

struct CodeMode {
    const char* name;
    ZydisMachineMode machine;
    bool is_real;
    unsigned code_bits;
    std::vector<unsigned> address_bits;
};

inline const CodeMode modes[] = {
    {"real mode", ZYDIS_MACHINE_MODE_REAL_16, true, 16, {16, 32}},
    {"16-bit protected mode", ZYDIS_MACHINE_MODE_LEGACY_16, false, 16, {16, 32}},
    {"32-bit protected mode", ZYDIS_MACHINE_MODE_LEGACY_32, false, 32, {16, 32}},
    {"64-bit mode", ZYDIS_MACHINE_MODE_LONG_64, false, 64, {32, 64}},
};

inline std::uint64_t mask_of(unsigned bits) {
    return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

class InModes : public testing::Test {
protected:
    std::uint64_t random() { return random_(); }
    unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

    // ---- the guest and this CPU ----

    void enter(const CodeMode& mode) {
        guest_ = mode.is_real           ? real_mode()
                 : mode.code_bits == 64 ? long_mode(bus_)
                                        : protected_mode(mode.code_bits == 32);
        kvm_sregs& system = guest_.system;
        is_long_ = mode.code_bits == 64;
        for (kvm_segment* segment : {&system.ds, &system.es, &system.ss})
            segment->base = is_long_ ? 0 : window;
        for (kvm_segment* segment : {&system.fs, &system.gs})
            segment->base = (is_long_ ? 0 : window) + other_segment;
        for (unsigned number = 0; number < 16; ++number)
            general_register(guest_.registers, number) = random();
        guest_.registers.rflags = 2 | (random() & rflags::status);
        for (unsigned at = 0; at < FakeBus::window_size; at += 8)
            bus_.put(window + at, 8, below(4) == 0 ? 0 : random());
    }

    auto& guest(unsigned number) { return general_register(guest_.registers, number); }

    // The CPU has the same data registers, flags and bytes; RBX, RSI and RDI are the caller's.
    NativeState native_state() {
        NativeState state{};
        for (unsigned number = 0; number < data_registers; ++number)
            state.general[number] = guest(number);
        state.general[rsp] = data() + 64;  // bytes that nothing here uses
        state.flags = guest_.registers.rflags;
        std::memcpy(cpu_.data().data(), &bus_.bytes[window], FakeBus::window_size);
        return state;
    }
    std::uint64_t data() { return reinterpret_cast<std::uintptr_t>(cpu_.data().data()); }

    void expect_same(const NativeState& native, std::uint64_t undefined, const std::string& what) {
        const std::uint64_t flags = rflags::status & ~undefined;
        const std::uint64_t visible = mask_of(is_long_ ? 64 : 32);
        EXPECT_EQ(guest_.registers.rflags & flags, native.flags & flags) << what;
        for (unsigned number = 0; number < data_registers; ++number)
            EXPECT_EQ(guest(number) & visible, native.general[number] & visible)
                << what << " register " << number;
        EXPECT_EQ(std::memcmp(&bus_.bytes[window], cpu_.data().data(), FakeBus::window_size), 0)
            << what;
    }

    // ---- addresses ----

    void make_16_bit_address(ZydisEncoderOperand& operand, std::uint64_t offset) {
        static constexpr unsigned pairs[][2] = {{rbx, rsi}, {rbx, rdi}, {rbp, rsi},
                                                {rbp, rdi}, {rsi, 0},   {rdi, 0},
                                                {rbp, 0},   {rbx, 0},   {0, 0}};
        const auto& [base, index] = pairs[below(std::size(pairs))];
        std::uint64_t rest = offset;
        if (base != 0) rest -= pick_displacement(operand, 16);
        if (index != 0) {
            operand.mem.index = name(index, 16);
            operand.mem.scale = 1;
            rest -= guest(index);
        }
        if (base == 0) {
            operand.mem.displacement = static_cast<std::int16_t>(rest);
            return;
        }
        operand.mem.base = name(base, 16);
        guest(base) = (guest(base) & ~mask_of(16)) | (rest & mask_of(16));
    }

    void make_wide_address(ZydisEncoderOperand& operand, std::uint64_t offset, unsigned bits) {
        const unsigned registers = is_long_ ? 16 : 8;
        const unsigned base = below(5) == 0 ? 0 : rbx + below(registers - rbx);
        unsigned index = below(2) == 0 ? 0 : rbx + below(registers - rbx);
        if (index == rsp || index == base) index = 0;
        std::uint64_t rest = offset;
        if (base != 0) rest -= pick_displacement(operand, 32);
        if (index != 0) {
            operand.mem.index = name(index, bits);
            operand.mem.scale = static_cast<std::uint8_t>(1u << below(4));
            if (base == 0) guest(index) = below(0x80) | (bits == 32 ? guest(index) << 32 : 0);
            rest -= guest(index) * operand.mem.scale;
        }
        if (base == 0) {
            operand.mem.displacement = static_cast<std::int32_t>(rest & mask_of(32));
            return;
        }
        operand.mem.base = name(base, bits);
        guest(base) = bits == 64 ? rest : (guest(base) & ~mask_of(32)) | (rest & mask_of(32));
    }

    // None, one byte, or all of them.
    std::uint64_t pick_displacement(ZydisEncoderOperand& operand, unsigned bits) {
        const auto value = static_cast<std::int64_t>(random());
        switch (below(3)) {
            case 0: operand.mem.displacement = 0; break;
            case 1: operand.mem.displacement = static_cast<std::int8_t>(value); break;
            default:
                operand.mem.displacement = bits == 16 ? static_cast<std::int16_t>(value)
                                                      : static_cast<std::int32_t>(value);
        }
        return static_cast<std::uint64_t>(operand.mem.displacement);
    }

    static ZydisRegister name(unsigned number, unsigned bits) {
        const ZydisRegister first = bits == 16   ? ZYDIS_REGISTER_AX
                                    : bits == 32 ? ZYDIS_REGISTER_EAX
                                                 : ZYDIS_REGISTER_RAX;
        return static_cast<ZydisRegister>(first + number);
    }

    // ---- instructions ----

    // Without its memory operand.
    ZydisEncoderRequest request_for(const Form& form, unsigned size) {
        ZydisEncoderRequest request{};
        request.mnemonic = form.mnemonic;
        ZydisEncoderOperand* operands = request.operands;
        ZydisEncoderOperand reg{};
        reg.type = ZYDIS_OPERAND_TYPE_REGISTER;
        const unsigned number = below(data_registers);
        reg.reg.value = size == 1
                            ? static_cast<ZydisRegister>(
                                  (below(2) == 0 ? ZYDIS_REGISTER_AL : ZYDIS_REGISTER_AH) + number)
                            : name(number, size * 8);
        ZydisEncoderOperand immediate{};
        immediate.type = ZYDIS_OPERAND_TYPE_IMMEDIATE;
        const unsigned immediate_size = size == 8 ? 4 : size;
        immediate.imm.s = sign_extend(random(), immediate_size);
        switch (form.kind) {
            case Kind::memory_register:
                memory_at_ = 0;
                operands[1] = reg;
                break;
            case Kind::register_memory:
            case Kind::extend:
                memory_at_ = 1;
                operands[0] = reg;
                break;
            case Kind::memory_immediate:
                memory_at_ = 0;
                operands[1] = immediate;
                break;
            case Kind::memory_count:
                memory_at_ = 0;
                immediate.imm.u = 1 + below(2) * 2;
                operands[1] = immediate;
                break;
            case Kind::double_shift:
                memory_at_ = 0;
                operands[1] = reg;
                immediate.imm.u = 3;
                operands[2] = immediate;
                break;
            case Kind::three_operands:
                memory_at_ = 1;
                operands[0] = reg;
                operands[2] = immediate;
                break;
            case Kind::memory_only:
            case Kind::byte_only:
            case Kind::pair:
            case Kind::stack: memory_at_ = 0; break;
        }
        const bool has_three = form.kind == Kind::double_shift || form.kind == Kind::three_operands;
        const bool has_one = form.kind == Kind::memory_only || form.kind == Kind::byte_only;
        request.operand_count = has_three ? 3 : has_one ? 1 : 2;
        ZydisEncoderOperand& memory = operands[memory_at_];
        memory.type = ZYDIS_OPERAND_TYPE_MEMORY;
        memory.mem.size = static_cast<std::uint16_t>(size);
        if (form.kind == Kind::extend)
            memory.mem.size = static_cast<std::uint16_t>(form.mnemonic == ZYDIS_MNEMONIC_MOVSXD ? 4
                                                         : size == 2                            ? 1
                                                                     : 1 + below(2));
        return request;
    }

    static Code encode(const ZydisEncoderRequest& request) {
        Code code(ZYDIS_MAX_INSTRUCTION_LENGTH);
        ZyanUSize length = code.size();
        if (ZYAN_FAILED(ZydisEncoderEncodeInstruction(&request, code.data(), &length))) return {};
        code.resize(length);
        return code;
    }

    // Zydis 4.0 cuts a displacement of 32 bits to 16 in some forms of 16-bit code.
    static bool has_displacement(const CodeMode& mode, const Code& code, std::int64_t wanted,
                                 unsigned bits) {
        ZydisDecoder decoder;
        ZydisDecodedInstruction info;
        ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
        const ZydisStackWidth width = mode.code_bits == 64   ? ZYDIS_STACK_WIDTH_64
                                      : mode.code_bits == 32 ? ZYDIS_STACK_WIDTH_32
                                                             : ZYDIS_STACK_WIDTH_16;
        ZydisDecoderInit(&decoder, mode.machine, width);
        if (ZYAN_FAILED(
                ZydisDecoderDecodeFull(&decoder, code.data(), code.size(), &info, operands)))
            return false;
        for (unsigned index = 0; index < info.operand_count_visible; ++index)
            if (operands[index].type == ZYDIS_OPERAND_TYPE_MEMORY) {
                const auto found = static_cast<std::uint64_t>(operands[index].mem.disp.value);
                return ((found ^ static_cast<std::uint64_t>(wanted)) & mask_of(bits)) == 0;
            }
        return false;
    }

    // The instruction with an operand `place` bytes into the window. Empty: not in this mode.
    Code code_in(const CodeMode& mode, ZydisEncoderRequest request, unsigned bits,
                 std::uint64_t place) {
        std::uint64_t offset = is_long_ ? window + place : place;
        request.machine_mode = mode.machine;
        if (below(3) == 0) {
            request.prefixes =
                below(2) == 0 ? ZYDIS_ATTRIB_HAS_SEGMENT_FS : ZYDIS_ATTRIB_HAS_SEGMENT_GS;
            offset -= other_segment;
        }
        ZydisEncoderOperand& memory = request.operands[memory_at_];
        if (bits == 16)
            make_16_bit_address(memory, offset);
        else
            make_wide_address(memory, offset, bits);
        request.address_size_hint = bits == 16   ? ZYDIS_ADDRESS_SIZE_HINT_16
                                    : bits == 32 ? ZYDIS_ADDRESS_SIZE_HINT_32
                                                 : ZYDIS_ADDRESS_SIZE_HINT_64;
        Code code = encode(request);
        if (!has_displacement(mode, code, memory.mem.displacement, bits)) code.clear();
        return code;
    }

    // An instruction without its address, and the same with [RBX] in 64-bit code.
    struct Instruction {
        const Form& form;
        ZydisEncoderRequest request;
        Code native;
    };
    Instruction instruction(const Form& form, unsigned size) {
        Instruction made{form, request_for(form, size), {}};
        ZydisEncoderRequest request = made.request;
        request.machine_mode = ZYDIS_MACHINE_MODE_LONG_64;
        request.operands[memory_at_].mem.base = ZYDIS_REGISTER_RBX;
        made.native = encode(request);
        return made;
    }

    // False: there is no such instruction in this mode.
    bool compare(const CodeMode& mode, const Instruction& instruction, unsigned bits) {
        enter(mode);
        std::uint64_t place = 0x800 + below(0x1000);
        // Locked across two lines of the cache it would stop the machine for a while.
        if (instruction.form.mnemonic == ZYDIS_MNEMONIC_XCHG) place &= ~std::uint64_t{7};
        const Code code = code_in(mode, instruction.request, bits, place);
        if (code.empty() || instruction.native.empty()) return false;

        NativeState native = native_state();
        native.general[rbx] = data() + place;
        const kvm_regs before = guest_.registers;
        const EmulationResult result = emulate_code(guest_, bus_, code);
        const std::string what =
            fmt::format("{}, {}-bit address: {} [{:02x}]", mode.name, bits,
                        ZydisMnemonicGetString(instruction.form.mnemonic), fmt::join(code, " "));
        EXPECT_EQ(result.end, EmulationEnd::completed)
            << what << ": " << (result.error ? result.error->what : "");
        cpu_.execute(instruction.native, native);
        expect_same(native, instruction.form.undefined, what);
        EXPECT_EQ(guest_.registers.rip, before.rip + code.size()) << what;
        EXPECT_EQ(std::tie(guest_.registers.rbx, guest_.registers.rsi, guest_.registers.rdi,
                           guest_.registers.rbp, guest_.registers.rsp),
                  std::tie(before.rbx, before.rsi, before.rdi, before.rbp, before.rsp))
            << what;
        return true;
    }

    FakeBus bus_;
    NativeCpu cpu_;
    VcpuState guest_{};
    bool is_long_ = false;
    unsigned memory_at_ = 0;  // which operand it is
    std::mt19937_64 random_{20261122};
};

}  // namespace rmguest
