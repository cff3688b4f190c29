// SPDX-License-Identifier: GPL-2.0-only
#include "execution.hpp"

#include "register_names.hpp"

namespace rmguest {
namespace {

constexpr unsigned stack_pointer = 4;  // RSP's number

unsigned bytes_of(CodeSize size) {
    switch (size) {
        case CodeSize::bits16: return 2;
        case CodeSize::bits32: return 4;
        case CodeSize::bits64: return 8;
    }
    return 2;
}

}  // namespace

const ZydisDecodedOperand& Execution::operand(unsigned index) const {
    return instruction_.operands[index];
}

unsigned Execution::size(unsigned index) const { return operand(index).size / 8u; }

bool Execution::is_memory(unsigned index) const {
    return operand(index).type == ZYDIS_OPERAND_TYPE_MEMORY;
}

std::uint64_t Execution::general(unsigned number, unsigned size) const {
    return truncate(general_register(state_.registers, number), size);
}

void Execution::set_general(unsigned number, unsigned size, std::uint64_t value) {
    __u64& whole = general_register(state_.registers, number);
    if (size >= 4) {
        whole = truncate(value, size);
        return;
    }
    const std::uint64_t mask = truncate(~std::uint64_t{0}, size);
    whole = (whole & ~mask) | (value & mask);
}

std::uint64_t Execution::next() const {
    return next_.value_or(truncate(state_.registers.rip + instruction_.info.length,
                                   code_size(state_) == CodeSize::bits64 ? 8 : 4));
}

std::uint64_t Execution::effective_address(unsigned index, std::int64_t move) const {
    const ZydisDecodedOperandMem& memory = operand(index).mem;
    std::uint64_t address = static_cast<std::uint64_t>(move);
    if (memory.disp.has_displacement != 0) {
        address += static_cast<std::uint64_t>(memory.disp.value);
    }
    if (memory.base == ZYDIS_REGISTER_RIP || memory.base == ZYDIS_REGISTER_EIP) {
        address += state_.registers.rip + instruction_.info.length;
    } else if (const auto base = as_general(memory.base)) {
        address += general(base->number, base->size);
    }
    if (const auto scaled = as_general(memory.index)) {
        address += general(scaled->number, scaled->size) * memory.scale;
    }
    return truncate(address, address_size());
}

std::optional<std::uint64_t> Execution::linear(Segment segment, std::uint64_t offset, unsigned size,
                                               Access access) {
    const auto result = linear_address(state_, segment, offset, size, access);
    if (const auto* fault = std::get_if<Fault>(&result)) {
        raise(*fault);
        return std::nullopt;
    }
    return std::get<std::uint64_t>(result);
}

std::optional<std::uint64_t> Execution::linear_of(unsigned index, std::int64_t move, unsigned size,
                                                  Access access) {
    const auto segment = as_segment(operand(index).mem.segment).value_or(Segment::ds);
    return linear(segment, effective_address(index, move), size, access);
}

std::uint64_t Execution::load_memory(unsigned index, std::int64_t move, unsigned size,
                                     Access access) {
    const auto address = linear_of(index, move, size, access);
    return address ? memory_.read(*address, size, access) : 0;
}

void Execution::store_memory(unsigned index, std::int64_t move, unsigned size,
                             std::uint64_t value) {
    const auto address = linear_of(index, move, size, Access::write);
    if (address) {
        memory_.write(*address, size, value);
    }
}

void Execution::probe_write(unsigned index) {
    const auto address = linear_of(index, 0, size(index), Access::write);
    if (address) {
        memory_.probe_write(*address, size(index));
    }
}

std::uint64_t Execution::load(unsigned index) {
    const ZydisDecodedOperand& what = operand(index);
    switch (what.type) {
        case ZYDIS_OPERAND_TYPE_IMMEDIATE: return what.imm.value.u;
        case ZYDIS_OPERAND_TYPE_MEMORY: return load_memory(index, 0, size(index));
        default: break;
    }
    if (const auto name = as_general(what.reg.value)) {
        return name->is_high_byte ? general(name->number, 2) >> 8
                                  : general(name->number, name->size);
    }
    if (const auto segment = as_segment(what.reg.value)) {
        return segment_register(state_.system, *segment).selector;
    }
    refuse("of its register operand");
    return 0;
}

std::uint64_t Execution::load_for_update(unsigned index) {
    return is_memory(index) ? load_memory(index, 0, size(index), Access::write) : load(index);
}

void Execution::store(unsigned index, std::uint64_t value) {
    if (is_memory(index)) {
        store_memory(index, 0, size(index), value);
        return;
    }
    const auto name = as_general(operand(index).reg.value);
    if (!name) {
        refuse("of its register operand");
    } else if (name->is_high_byte) {
        const std::uint64_t low = general(name->number, 1);
        set_general(name->number, 2, (value & 0xff) << 8 | low);
    } else {
        set_general(name->number, name->size, value);
    }
}

void Execution::set_flags(const Flagged& result) {
    state_.registers.rflags = (state_.registers.rflags & ~result.changed) | result.flags;
}

void Execution::set_flag(std::uint64_t flag, bool value) { set_flags({0, value ? flag : 0, flag}); }

void Execution::push(std::uint64_t value, unsigned size) {
    const unsigned width = bytes_of(stack_size(state_));
    const std::uint64_t pointer = truncate(general(stack_pointer, width) - size, width);
    if (const auto address = linear(Segment::ss, pointer, size, Access::write)) {
        memory_.write(*address, size, value);
        set_general(stack_pointer, width, pointer);
    }
}

std::uint64_t Execution::pop(unsigned size) {
    const unsigned width = bytes_of(stack_size(state_));
    const std::uint64_t pointer = general(stack_pointer, width);
    const auto address = linear(Segment::ss, pointer, size, Access::read);
    const std::uint64_t value = address ? memory_.read(*address, size) : 0;
    set_general(stack_pointer, width, pointer + size);
    return value;
}

}  // namespace rmguest
