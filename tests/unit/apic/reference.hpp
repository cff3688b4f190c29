// SPDX-License-Identifier: GPL-2.0-only
// A local APIC in x2APIC mode, written apart from kmod/rm_guest/apic and in another way: sets and
// maps instead of a page of registers, and a timer that counts step by step.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace reference {

using std::uint32_t;
using std::uint64_t;

class Apic {
public:
    explicit Apic(uint32_t id) : id_{id} {}

    void advance(uint64_t ticks);
    void receive(uint32_t vector);
    std::optional<uint32_t> take();            // the interrupt that the CPU would take, if any
    bool write(uint32_t msr, uint64_t value);  // false: #GP
    std::optional<uint64_t> read(uint32_t msr) const;
    void write_tsc_deadline(uint64_t deadline) {
        if (timer_mode() == 2) deadline_ = deadline;
    }

private:
    bool enabled() const { return (svr_ & 0x100) != 0; }
    uint32_t timer_mode() const { return (lvt_.at(0x832) >> 17) & 3; }
    uint32_t priority() const;
    void error(uint32_t bit);
    void fire();
    bool write_lvt(uint32_t msr, uint32_t value);

    uint32_t id_, tpr_ = 0, svr_ = 0xff, esr_ = 0, errors_ = 0, divide_ = 0;
    uint32_t initial_ = 0, count_ = 0;
    uint64_t icr_ = 0, now_ = 0, deadline_ = 0, fraction_ = 0;
    std::set<uint32_t> requested_, in_service_;
    std::map<uint32_t, uint32_t> lvt_{{0x832, 0x10000}, {0x833, 0x10000}, {0x834, 0x10000},
                                      {0x835, 0x10000}, {0x836, 0x10000}, {0x837, 0x10000}};
};

}  // namespace reference
