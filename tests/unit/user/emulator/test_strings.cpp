// SPDX-License-Identifier: GPL-2.0-only
//
// MOVS, CMPS, STOS, LODS and SCAS in every mode, against this CPU.
#include "in_modes.hpp"

namespace rmguest {
namespace {

struct StringForm {
    const char* name;
    std::uint8_t opcode;  // of bytes; the next one is of words
    bool compares;
};

constexpr StringForm string_forms[] = {{"movs", 0xa4, false},
                                       {"cmps", 0xa6, true},
                                       {"stos", 0xaa, false},
                                       {"lods", 0xac, false},
                                       {"scas", 0xae, true}};
constexpr std::uint8_t no_prefix = 0, repne = 0xf2, rep = 0xf3;

class StringsInModes : public InModes {
protected:
    static Code assemble(const StringForm& form, unsigned size, unsigned code_bits, unsigned bits,
                         std::uint8_t repeat) {
        Code code;
        if (repeat != no_prefix) code.push_back(repeat);
        if (code_bits != bits) code.push_back(0x67);
        if (size == 2 ? code_bits != 16 : size == 4 && code_bits == 16) code.push_back(0x66);
        if (size == 8) code.push_back(0x48);
        code.push_back(static_cast<std::uint8_t>(form.opcode + (size != 1 ? 1 : 0)));
        return code;
    }

    // The low bits of a register count; what is above stays (16 bits) or is cleared (32 bits).
    void set_part(unsigned number, std::uint64_t value, unsigned bits) {
        guest(number) = (guest(number) & ~mask_of(bits)) | (value & mask_of(bits));
    }
    std::uint64_t part(unsigned number, unsigned bits) { return guest(number) & mask_of(bits); }

    void compare(const CodeMode& mode, const StringForm& form, unsigned size, unsigned bits,
                 std::uint8_t repeat) {
        enter(mode);
        const bool down = below(2) == 0;
        const std::uint64_t from = 0x600 + below(0x300), to = 0x1200 + below(0x300);
        const std::uint64_t count = repeat == no_prefix ? random() : below(40);
        if (down) guest_.registers.rflags |= rflags::direction;
        if (form.compares && below(2) == 0) make_equal(from, to, size);
        const std::uint64_t begin = is_long_ ? window : 0;
        set_part(rsi, begin + from, bits);
        set_part(rdi, begin + to, bits);
        set_part(1, count, bits);

        NativeState native = native_state();
        native.general[1] = count;
        native.general[rsi] = data() + from;
        native.general[rdi] = data() + to;
        const Code code = assemble(form, size, mode.code_bits, bits, repeat);
        const std::string what = fmt::format(
            "{}, {}-bit address: {}{} of {} bytes [{:02x}]", mode.name, bits,
            repeat != no_prefix ? "repeated " : "", form.name, size, fmt::join(code, " "));
        const EmulationResult result = emulate_code(guest_, bus_, code);
        EXPECT_EQ(result.end, EmulationEnd::completed)
            << what << ": " << (result.error ? result.error->what : "");
        cpu_.execute(assemble(form, size, 64, 64, repeat), native);
        EXPECT_EQ(part(1, bits), native.general[1] & mask_of(bits)) << what;
        EXPECT_EQ(part(rsi, bits), begin + native.general[rsi] - data()) << what;
        EXPECT_EQ(part(rdi, bits), begin + native.general[rdi] - data()) << what;
        native.general[1] = guest(1);
        expect_same(native, 0, what);
    }

    // All elements alike, or all but one: where REPE and REPNE stop.
    void make_equal(std::uint64_t from, std::uint64_t to, unsigned size) {
        for (std::uint64_t at = 0x200; at < FakeBus::window_size; at += 8)
            bus_.put(window + at, 8, 0x2121212121212121);
        guest(0) = 0x2121212121212121;
        if (below(2) == 0) bus_.put(window + from + 3 * size, 1, 0x55);
        if (below(2) == 0) bus_.put(window + to - 5 * size, 1, 0x55);
    }
};

TEST_F(StringsInModes, EveryFormOfEverySize) {
    constexpr int rounds = 20;
    for (const CodeMode& mode : modes)
        for (const StringForm& form : string_forms)
            for (const unsigned size : {1u, 2u, 4u, 8u}) {
                if (size == 8 && mode.code_bits != 64) continue;
                for (const unsigned bits : mode.address_bits)
                    for (const std::uint8_t repeat : {no_prefix, rep, repne})
                        for (int round = 0; round < rounds; ++round) {
                            compare(mode, form, size, bits, repeat);
                            ASSERT_FALSE(HasFailure());
                        }
            }
}

}  // namespace
}  // namespace rmguest
