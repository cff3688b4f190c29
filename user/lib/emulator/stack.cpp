// SPDX-License-Identifier: GPL-2.0-only
//
// PUSH, POP and near branches through memory.
#include "handlers.hpp"
#include "register_names.hpp"

namespace rmguest {
namespace {

void push_operand(Execution& work) {
    const std::uint64_t value = work.load(0);
    const unsigned size = work.operand_size();
    const bool is_immediate = work.operand(0).type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    work.push(is_immediate ? value : truncate(value, work.size(0)), size);
}

// RSP has moved when an address that is based on it is computed (SDM: POP).
void pop_operand(Execution& work) {
    if (work.operand(0).type == ZYDIS_OPERAND_TYPE_REGISTER &&
        as_segment(work.operand(0).reg.value)) {
        work.refuse("a pop into a segment register");
        return;
    }
    const std::uint64_t value = work.pop(work.operand_size());
    work.store(0, value);
}

bool is_near(Execution& work) {
    if (work.instruction().info.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR) {
        work.refuse("a far branch");
        return false;
    }
    return true;
}

std::uint64_t branch_target(Execution& work) {
    const bool is_relative = work.operand(0).type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    const std::uint64_t target = work.load(0) + (is_relative ? work.next() : 0);
    return truncate(target, work.operand_size());
}

void jump(Execution& work) {
    if (is_near(work)) {
        work.set_next(branch_target(work));
    }
}

void call(Execution& work) {
    if (is_near(work)) {
        const std::uint64_t target = branch_target(work);
        work.push(work.next(), work.operand_size());
        work.set_next(target);
    }
}

constexpr Handler handlers[] = {
    {ZYDIS_MNEMONIC_PUSH, push_operand},
    {ZYDIS_MNEMONIC_POP, pop_operand},
    {ZYDIS_MNEMONIC_JMP, jump},
    {ZYDIS_MNEMONIC_CALL, call},
};

}  // namespace

std::span<const Handler> stack_handlers() { return handlers; }

}  // namespace rmguest
