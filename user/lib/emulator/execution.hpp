// SPDX-License-Identifier: GPL-2.0-only
//
// One instruction at work: its operands, and what it may do to registers and memory.
#pragma once

#include <string>

#include "arithmetic.hpp"
#include "decoded.hpp"
#include "linear_memory.hpp"
#include "segmentation.hpp"

namespace rmguest {

// Works on a copy of the vCPU's state: the caller takes it over unless there was a fault or the
// instruction was refused. Memory and devices change as the instruction goes.
class Execution {
public:
    Execution(const VcpuState& state, GuestBus& bus, const Decoded& instruction)
        : state_(state), memory_(state_, bus), instruction_(instruction) {}
    Execution(const Execution&) = delete;
    Execution& operator=(const Execution&) = delete;

    // Operands, by their number in Zydis's order. Sizes are in bytes.
    [[nodiscard]] const ZydisDecodedOperand& operand(unsigned index) const;
    [[nodiscard]] unsigned size(unsigned index) const;
    [[nodiscard]] bool is_memory(unsigned index) const;
    [[nodiscard]] std::uint64_t load(unsigned index);
    // The same of an operand that is stored to afterwards.
    [[nodiscard]] std::uint64_t load_for_update(unsigned index);
    // A 32-bit general register is zero-extended.
    void store(unsigned index, std::uint64_t value);
    // Its offset in the segment, cut to the address size; `move` bytes further.
    [[nodiscard]] std::uint64_t effective_address(unsigned index, std::int64_t move = 0) const;
    // Raises what segmentation has against it.
    [[nodiscard]] std::optional<std::uint64_t> linear_of(unsigned index, std::int64_t move,
                                                         unsigned size, Access access);
    [[nodiscard]] std::uint64_t load_memory(unsigned index, std::int64_t move, unsigned size,
                                            Access access = Access::read);
    void store_memory(unsigned index, std::int64_t move, unsigned size, std::uint64_t value);
    void probe_write(unsigned index);

    // A general register of `size` bytes, by its number; no high-byte registers.
    [[nodiscard]] std::uint64_t general(unsigned number, unsigned size) const;
    void set_general(unsigned number, unsigned size, std::uint64_t value);

    [[nodiscard]] std::uint64_t flags() const { return state_.registers.rflags; }
    void set_flags(const Flagged& result);
    void set_flag(std::uint64_t flag, bool value);

    void push(std::uint64_t value, unsigned size);
    [[nodiscard]] std::uint64_t pop(unsigned size);
    void set_next(std::uint64_t rip) { next_ = rip; }
    [[nodiscard]] std::uint64_t next() const;

    void raise(const Fault& fault) { memory_.raise(fault); }
    // The instruction does something that the emulator does not: what, for the message.
    void refuse(std::string why) { refusal_ = std::move(why); }

    [[nodiscard]] const std::optional<Fault>& fault() const { return memory_.fault(); }
    [[nodiscard]] const std::string& refusal() const { return refusal_; }
    [[nodiscard]] VcpuState& state() { return state_; }
    [[nodiscard]] const VcpuState& state() const { return state_; }
    [[nodiscard]] const Decoded& instruction() const { return instruction_; }
    [[nodiscard]] LinearMemory& memory() { return memory_; }
    [[nodiscard]] unsigned address_size() const { return instruction_.info.address_width / 8u; }
    [[nodiscard]] unsigned operand_size() const { return instruction_.info.operand_width / 8u; }

private:
    [[nodiscard]] std::optional<std::uint64_t> linear(Segment segment, std::uint64_t offset,
                                                      unsigned size, Access access);

    VcpuState state_;
    LinearMemory memory_;
    const Decoded& instruction_;
    std::optional<std::uint64_t> next_;  // where a branch goes
    std::string refusal_;
};

}  // namespace rmguest
