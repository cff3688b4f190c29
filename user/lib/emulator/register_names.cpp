// SPDX-License-Identifier: GPL-2.0-only
#include "register_names.hpp"

namespace rmguest {
namespace {

constexpr unsigned high_bytes_start =
    4;  // in Zydis's order of 8-bit registers: AL..BL, AH..BH, SPL..
constexpr unsigned high_bytes_end = 8;

std::optional<GeneralRegister> byte_register(unsigned number) {
    if (number < high_bytes_start) {
        return GeneralRegister{number, 1, false};
    }
    if (number < high_bytes_end) {
        return GeneralRegister{number - high_bytes_start, 1, true};
    }
    return GeneralRegister{number - high_bytes_start, 1, false};
}

unsigned distance(ZydisRegister name, ZydisRegister first) {
    return static_cast<unsigned>(name) - static_cast<unsigned>(first);
}

}  // namespace

std::optional<GeneralRegister> as_general(ZydisRegister name) {
    switch (ZydisRegisterGetClass(name)) {
        case ZYDIS_REGCLASS_GPR8: return byte_register(distance(name, ZYDIS_REGISTER_AL));
        case ZYDIS_REGCLASS_GPR16:
            return GeneralRegister{distance(name, ZYDIS_REGISTER_AX), 2, false};
        case ZYDIS_REGCLASS_GPR32:
            return GeneralRegister{distance(name, ZYDIS_REGISTER_EAX), 4, false};
        case ZYDIS_REGCLASS_GPR64:
            return GeneralRegister{distance(name, ZYDIS_REGISTER_RAX), 8, false};
        default: return std::nullopt;
    }
}

std::optional<Segment> as_segment(ZydisRegister name) {
    switch (name) {
        case ZYDIS_REGISTER_ES: return Segment::es;
        case ZYDIS_REGISTER_CS: return Segment::cs;
        case ZYDIS_REGISTER_SS: return Segment::ss;
        case ZYDIS_REGISTER_DS: return Segment::ds;
        case ZYDIS_REGISTER_FS: return Segment::fs;
        case ZYDIS_REGISTER_GS: return Segment::gs;
        default: return std::nullopt;
    }
}

}  // namespace rmguest
