// SPDX-License-Identifier: GPL-2.0-only
//
// The emulator against the CPU that runs this test: the same instruction, registers, flags and
// memory on both, many times with random values.
#include <Zydis/Zydis.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "fake_guest.hpp"
#include "instruction_forms.hpp"
#include "native_cpu.hpp"

namespace rmguest {
namespace {

// The guest's memory is the CPU's: one array at the same linear address, which is all device.
class SharedBus final : public GuestBus {
public:
    SharedBus(FakeBus& tables, std::uint64_t base, std::size_t size)
        : tables_(tables), base_(base), bytes(size) {}
    std::uint8_t* memory(std::uint64_t address, unsigned size, bool for_write) override {
        return tables_.memory(address, size, for_write);
    }
    std::uint64_t read(std::uint64_t address, unsigned size) override {
        std::uint64_t value = 0;
        std::memcpy(&value, at(address, size), size);
        return value;
    }
    void write(std::uint64_t address, unsigned size, std::uint64_t value) override {
        std::memcpy(at(address, size), &value, size);
    }

private:
    std::uint8_t* at(std::uint64_t address, unsigned size) {
        if (address < base_ || address + size > base_ + bytes.size()) {
            throw std::out_of_range(fmt::format("access to {:#x}", address));
        }
        return &bytes[address - base_];
    }
    FakeBus& tables_;
    std::uint64_t base_;

public:
    std::vector<std::uint8_t> bytes;
};

constexpr unsigned rsp = 4;

class AgainstCpu : public testing::Test {
protected:
    AgainstCpu()
        : guest_(long_mode(tables_)),
          base_(reinterpret_cast<std::uintptr_t>(cpu_.data().data())),
          bus_(tables_, base_, cpu_.data().size()) {}

    std::uint64_t random() { return random_(); }
    unsigned random_below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

    // Small, large, all sign bits, plain random: where carries and overflows are.
    std::uint64_t random_value() {
        switch (random_below(5)) {
            case 0: return random_below(4);
            case 1: return ~std::uint64_t{random_below(4)};
            case 2: return std::uint64_t{1} << random_below(64);
            case 3: return (std::uint64_t{1} << random_below(64)) - 1;
            default: return random();
        }
    }

    unsigned random_size(const Form& form) {
        switch (form.kind) {
            case Kind::byte_only: return 1;
            case Kind::pair: return form.mnemonic == ZYDIS_MNEMONIC_CMPXCHG8B ? 8 : 16;
            case Kind::stack: return random_below(2) != 0 ? 8 : 2;
            default: break;
        }
        const bool has_byte = form.kind != Kind::extend && form.kind != Kind::double_shift &&
                              form.kind != Kind::three_operands && !is_word_or_more(form.mnemonic);
        return 1u << (has_byte ? random_below(4) : 1 + random_below(3));
    }

    ZydisRegister reg(unsigned number, unsigned size) {
        switch (size) {
            case 1: {  // AL..BL, AH..BH, SPL.. in Zydis's order
                const unsigned index = number < 4 ? number : number + 4;
                return static_cast<ZydisRegister>(ZYDIS_REGISTER_AL + index);
            }
            case 2: return static_cast<ZydisRegister>(ZYDIS_REGISTER_AX + number);
            case 4: return static_cast<ZydisRegister>(ZYDIS_REGISTER_EAX + number);
            default: return static_cast<ZydisRegister>(ZYDIS_REGISTER_RAX + number);
        }
    }

    static ZydisEncoderOperand immediate(std::uint64_t value) {
        ZydisEncoderOperand operand{};
        operand.type = ZYDIS_OPERAND_TYPE_IMMEDIATE;
        operand.imm.u = value;
        return operand;
    }

    ZydisEncoderOperand any_register(unsigned size) {
        ZydisEncoderOperand operand{};
        operand.type = ZYDIS_OPERAND_TYPE_REGISTER;
        unsigned number = random_below(16);
        number = number == rsp ? 0 : number;
        operand.reg.value = reg(number, size);
        if (size == 1 && !wide_ && random_below(3) == 0) {
            operand.reg.value = static_cast<ZydisRegister>(ZYDIS_REGISTER_AH + random_below(4));
            wants_no_rex_ = true;
        } else if (size == 1 && wants_no_rex_) {
            operand.reg.value = reg(random_below(4), 1);
        }
        return operand;
    }

    // [base + index * scale + displacement] in the middle of the data, also across a page.
    ZydisEncoderOperand any_memory(unsigned size) {
        ZydisEncoderOperand operand{};
        operand.type = ZYDIS_OPERAND_TYPE_MEMORY;
        const unsigned width = random_below(3) == 0 ? 4 : 8;
        const std::uint64_t near_page = 4096 - 1 - random_below(8);
        const std::uint64_t place = random_below(4) == 0 ? near_page : 2400 + random_below(3000);
        const std::uint64_t target = base_ + (size == 16 ? place & ~std::uint64_t{15} : place);
        const unsigned base = 3 + 8 * random_below(2);  // RBX or R11
        state_.general[base] = target - 1000 + random_below(2000);
        operand.mem.base = reg(base, width);
        operand.mem.displacement = static_cast<std::int64_t>(target - state_.general[base]);
        if (random_below(2) != 0) {
            constexpr unsigned index = 9;
            state_.general[index] = random_below(200);
            operand.mem.index = reg(index, width);
            operand.mem.scale = static_cast<std::uint8_t>(1u << random_below(4));
            operand.mem.displacement -=
                static_cast<std::int64_t>(state_.general[index] * operand.mem.scale);
        }
        if (width == 4) {  // the upper half does not count
            state_.general[base] |= random() << 32;
        }
        operand.mem.size = static_cast<std::uint16_t>(size);
        return operand;
    }

    // Without REX: operands that need none, since AH to BH exclude it.
    ZydisEncoderOperand plain_memory(unsigned size) {
        ZydisEncoderOperand operand = any_memory(size);
        operand.mem.base = ZYDIS_REGISTER_RBX;
        operand.mem.index = ZYDIS_REGISTER_NONE;
        operand.mem.scale = 0;
        operand.mem.displacement = random_below(100);
        state_.general[3] = base_ + 2400 + random_below(3000);
        return operand;
    }

    std::optional<Code> encode(const Form& form) {
        const unsigned size = random_size(form);
        wide_ = size != 1;
        wants_no_rex_ = false;
        ZydisEncoderRequest request{};
        request.machine_mode = ZYDIS_MACHINE_MODE_LONG_64;
        request.mnemonic = form.mnemonic;
        fill(request, form, size);
        Code code(ZYDIS_MAX_INSTRUCTION_LENGTH);
        ZyanUSize length = code.size();
        if (ZYAN_FAILED(ZydisEncoderEncodeInstruction(&request, code.data(), &length))) {
            return std::nullopt;
        }
        code.resize(length);
        return code;
    }

    void fill(ZydisEncoderRequest& request, const Form& form, unsigned size) {
        auto* operands = request.operands;
        ZydisEncoderOperand other = any_register(size);
        const ZydisEncoderOperand memory = wants_no_rex_ ? plain_memory(size) : any_memory(size);
        const auto small = immediate(random_below(2) != 0 ? 1 : random_below(70));
        switch (form.kind) {
            case Kind::memory_register:
                request.operand_count = 2;
                operands[0] = memory;
                operands[1] = other;
                break;
            case Kind::register_memory:
                request.operand_count = 2;
                operands[0] = other;
                operands[1] = memory;
                break;
            case Kind::memory_immediate:
                request.operand_count = 2;
                operands[0] = memory;
                operands[1] = immediate(sign_extend(random_value(), size == 8 ? 4 : size));
                break;
            case Kind::memory_only:
            case Kind::pair:
            case Kind::byte_only:
            case Kind::stack:
                request.operand_count = 1;
                operands[0] = memory;
                break;
            case Kind::memory_count:
                request.operand_count = 2;
                operands[0] = memory;
                operands[1] = small;
                if (random_below(2) != 0) {
                    operands[1] = is_word_or_more(form.mnemonic) ? bit_register(size) : counter();
                }
                break;
            case Kind::extend:
                request.operand_count = 2;
                operands[0] = other;
                operands[1] = memory;
                operands[1].mem.size =
                    form.mnemonic == ZYDIS_MNEMONIC_MOVSXD
                        ? 4
                        : static_cast<std::uint16_t>(size == 2 ? 1 : 1 + random_below(2));
                break;
            case Kind::double_shift:
                request.operand_count = 3;
                operands[0] = memory;
                operands[1] = other;
                operands[2] = random_below(2) != 0 ? small : counter();
                break;
            case Kind::three_operands:
                request.operand_count = 3;
                operands[0] = other;
                operands[1] = memory;
                operands[2] = immediate(sign_extend(random_value(), size == 2 ? 2 : 4));
                break;
        }
    }

    ZydisEncoderOperand counter() {
        ZydisEncoderOperand operand{};
        operand.type = ZYDIS_OPERAND_TYPE_REGISTER;
        operand.reg.value = ZYDIS_REGISTER_CL;
        state_.general[1] = random_below(2) != 0 ? 1 : random();
        return operand;
    }

    // A bit number that stays near: signed, and beyond the operand.
    ZydisEncoderOperand bit_register(unsigned size) {
        ZydisEncoderOperand operand{};
        operand.type = ZYDIS_OPERAND_TYPE_REGISTER;
        operand.reg.value = reg(10, size);
        state_.general[10] =
            static_cast<std::uint64_t>(static_cast<std::int64_t>(random_below(6000)) - 3000);
        return operand;
    }

    void randomize() {
        for (auto& value : state_.general) {
            value = random_value();
        }
        state_.flags = 2 | (random() & rflags::status);
        for (std::size_t at = 0; at < bus_.bytes.size(); at += 8) {
            const std::uint64_t value = random_below(3) == 0 ? 0 : random();
            std::memcpy(&bus_.bytes[at], &value, 8);
        }
        if (random_below(4) == 0) {  // what CMPXCHG finds equal
            std::ranges::fill(bus_.bytes, std::uint8_t{0});
            state_.general[0] = state_.general[2] = 0;
        }
    }

    void finish_state() {
        state_.general[rsp] = base_ + 1024 + 8 * random_below(100);
        std::memcpy(cpu_.data().data(), bus_.bytes.data(), bus_.bytes.size());
        for (unsigned number = 0; number < 16; ++number) {
            general_register(guest_.registers, number) = state_.general[number];
        }
        guest_.registers.rflags = state_.flags;
        guest_.registers.rip = 0x7c00;
    }

    std::string text(const Code& code) {
        const auto found = disassemble(code, CodeSize::bits64, 0);
        return fmt::format("{} [{:02x}]", found ? found->text : "?", fmt::join(code, " "));
    }

    void expect_same(const Code& code, std::uint64_t undefined) {
        const std::uint64_t wanted = rflags::status & ~undefined;
        EXPECT_EQ(guest_.registers.rflags & wanted, state_.flags & wanted) << text(code);
        for (unsigned number = 0; number < 16; ++number) {
            EXPECT_EQ(general_register(guest_.registers, number), state_.general[number])
                << text(code) << " register " << number;
        }
        EXPECT_EQ(std::memcmp(bus_.bytes.data(), cpu_.data().data(), bus_.bytes.size()), 0)
            << text(code);
    }

    // Whether the instruction was executed on both.
    bool run_both(const Code& code, std::uint64_t undefined) {
        finish_state();
        const EmulationResult result = emulate_code(guest_, bus_, code);
        if (result.end == EmulationEnd::faulted) {
            return false;  // a division; the CPU's own fault would end this process
        }
        EXPECT_EQ(result.end, EmulationEnd::completed)
            << text(code) << ": " << (result.error ? result.error->what : "");
        EXPECT_EQ(guest_.registers.rip, 0x7c00 + code.size()) << text(code);
        cpu_.execute(code, state_);
        expect_same(code, undefined);
        return true;
    }

    FakeBus tables_;
    NativeCpu cpu_;
    VcpuState guest_;
    std::uint64_t base_;
    SharedBus bus_;
    NativeState state_{};
    std::mt19937_64 random_{20261121};
    bool wide_ = true;
    bool wants_no_rex_ = false;
};

// Results that this CPU gives but the SDM does not define.
bool is_undefined(const Code& code, const NativeState& state) {
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZydisDecodedInstruction info;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisDecoderDecodeFull(&decoder, code.data(), code.size(), &info, operands);
    if (info.mnemonic != ZYDIS_MNEMONIC_SHLD && info.mnemonic != ZYDIS_MNEMONIC_SHRD) {
        return false;
    }
    const std::uint64_t count = operands[2].type == ZYDIS_OPERAND_TYPE_IMMEDIATE
                                    ? operands[2].imm.value.u
                                    : state.general[1];
    return operands[0].size == 16 && (count & 0x1f) > 16;
}

TEST_F(AgainstCpu, EveryForm) {
    constexpr int rounds = 150;
    for (const Form& form : forms) {
        int executed = 0;
        for (int round = 0; round < rounds && !HasFailure(); ++round) {
            randomize();
            const auto code = encode(form);
            if (!code || is_undefined(*code, state_)) {
                continue;
            }
            executed += run_both(*code, form.undefined) ? 1 : 0;
        }
        EXPECT_GT(executed, rounds / 10) << ZydisMnemonicGetString(form.mnemonic);
        if (HasFailure()) {
            return;
        }
    }
}

}  // namespace
}  // namespace rmguest
