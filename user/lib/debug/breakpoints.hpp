// SPDX-License-Identifier: GPL-2.0-only
//
// Breakpoints and watchpoints, as far as the debug registers of a CPU go: four of them.
#pragma once

#include <linux/kvm.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "lib/error.hpp"

namespace rmguest {

// SDM: Debug Control Register (DR7), the R/W fields. A CPU can't watch for reads alone.
enum class BreakKind : std::uint8_t { execute = 0, write = 1, access = 3 };

[[nodiscard]] const char* to_string(BreakKind kind);

struct Breakpoint {
    BreakKind kind;
    std::uint64_t address;   // linear
    std::uint64_t size = 1;  // bytes; 1 for execute

    friend bool operator==(const Breakpoint&, const Breakpoint&) = default;
};

class Breakpoints {
public:
    struct Entry {
        std::uint32_t number;  // from 1, for the user
        Breakpoint point;
    };

    // The number; that of the one that is there already, if it is the same. A watched range takes
    // a register for each aligned piece of 1, 2 or 4 bytes.
    [[nodiscard]] Result<std::uint32_t> add(const Breakpoint& point);
    bool remove(const Breakpoint& point);
    bool remove(std::uint32_t number);
    void clear() { entries_.clear(); }

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] bool stops_at(std::uint64_t linear) const;

    // Whose condition DR6 tells of: what is to be executed comes before what was accessed.
    [[nodiscard]] std::optional<Entry> find_hit(std::uint64_t dr6) const;

    // Puts them all into the debug registers, but for those that stop at `except`.
    void fill(kvm_guest_debug& debug, std::optional<std::uint64_t> except) const;

private:
    std::vector<Entry> entries_;
    std::uint32_t last_number_ = 0;
};

}  // namespace rmguest
