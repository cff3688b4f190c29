// SPDX-License-Identifier: GPL-2.0-only
#include "emulator.hpp"

#include <fmt/format.h>

#include "fetch.hpp"
#include "handlers.hpp"
#include "rehearsal.hpp"

namespace rmguest {
namespace {

constexpr unsigned counter = 1;  // rCX

class Emulator {
public:
    Emulator(VcpuState& state, GuestBus& bus, const EmulationRequest& request,
             std::span<const std::uint8_t> bytes)
        : state_(state), bus_(bus), request_(request), bytes_(bytes) {}

    EmulationResult run() {
        const auto instruction = decode(bytes_, state_);
        if (!instruction) {
            return cannot("it is no instruction, or not in memory as a whole");
        }
        const bool of_string = is_string(*instruction);
        const Handler* handler = find_handler(instruction->info.mnemonic, of_string);
        if (handler == nullptr || is_vector(*instruction)) {
            return cannot("");
        }
        if (const auto refused = rehearse(*instruction, *handler)) {
            return *refused;
        }
        return of_string ? run_string(*instruction, *handler) : run_once(*instruction, *handler);
    }

private:
    static bool is_vector(const Decoded& instruction) {
        return instruction.info.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY;
    }

    [[nodiscard]] EmulationResult cannot(std::string_view why) const {
        const auto text = disassemble(bytes_, code_size(state_), state_.registers.rip);
        const std::string name = text ? text->text : fmt::format("{:02x}", fmt::join(bytes_, " "));
        return {
            .end = EmulationEnd::unsupported,
            .error = Error{fmt::format("rmguest can't complete '{}' at {:#x} where no memory "
                                       "is{}{}",
                                       name, state_.registers.rip, why.empty() ? "" : ": ", why),
                           "give the guest memory there (--memory), or use MOV"}};
    }

    // Before anything changes, so that what is refused has had no effect on a device.
    std::optional<EmulationResult> rehearse(const Decoded& instruction, const Handler& handler) {
        Rehearsal bus(bus_);
        Execution work(state_, bus, instruction);
        handler.run(work);
        if (!work.refusal().empty()) {
            return cannot(work.refusal());
        }
        if (request_.physical && !bus.reached(*request_.physical) && !work.fault()) {
            return cannot(fmt::format("the access to {:#x} was not the instruction's own",
                                      *request_.physical));
        }
        return std::nullopt;
    }

    [[nodiscard]] EmulationResult end(EmulationEnd how) const {
        return {.end = how, .single_step = (flags_before_ & rflags::trap) != 0};
    }

    static EmulationResult faulted(const Fault& fault) {
        return {.end = EmulationEnd::faulted, .fault = fault};
    }

    void take_over(Execution& work, std::uint64_t rip) {
        work.state().registers.rip = rip;
        state_ = work.state();
    }

    EmulationResult run_once(const Decoded& instruction, const Handler& handler) {
        Execution work(state_, bus_, instruction);
        handler.run(work);
        if (work.fault()) {
            return faulted(*work.fault());
        }
        take_over(work, work.next());
        state_.registers.rflags &= ~rflags::resume;
        return end(EmulationEnd::completed);
    }

    EmulationResult run_string(const Decoded& instruction, const Handler& handler) {
        const Repeat repeat = repeat_of(instruction);
        if (repeat == Repeat::none) {
            return run_once(instruction, handler);
        }
        for (std::uint64_t done = 0; done < request_.most_iterations; ++done) {
            Execution work(state_, bus_, instruction);
            const unsigned size = work.address_size();
            const std::uint64_t count = work.general(counter, size);
            if (count != 0) {
                handler.run(work);
            }
            if (work.fault()) {
                return faulted(*work.fault());
            }
            if (count != 0) {
                work.set_general(counter, size, count - 1);
            }
            if (count <= 1 || !goes_on(repeat, work.flags())) {
                take_over(work, work.next());
                state_.registers.rflags &= ~rflags::resume;
                return end(EmulationEnd::completed);
            }
            take_over(work, state_.registers.rip);
            if ((flags_before_ & rflags::trap) != 0) {
                return end(EmulationEnd::paused);  // a trap after every iteration
            }
        }
        return {.end = EmulationEnd::paused};
    }

    static bool goes_on(Repeat repeat, std::uint64_t flags) {
        const bool is_equal = (flags & rflags::zero) != 0;
        switch (repeat) {
            case Repeat::while_equal: return is_equal;
            case Repeat::while_not_equal: return !is_equal;
            case Repeat::none:
            case Repeat::always: break;
        }
        return true;
    }

    VcpuState& state_;
    GuestBus& bus_;
    const EmulationRequest& request_;
    std::span<const std::uint8_t> bytes_;
    std::uint64_t flags_before_ = state_.registers.rflags;
};

}  // namespace

EmulationResult emulate(VcpuState& state, GuestBus& bus, const EmulationRequest& request) {
    const CodeBytes fetched = request.bytes.empty() ? fetch(state, bus) : CodeBytes{};
    const auto bytes = request.bytes.empty() ? fetched.span() : request.bytes;
    return Emulator(state, bus, request, bytes).run();
}

}  // namespace rmguest
