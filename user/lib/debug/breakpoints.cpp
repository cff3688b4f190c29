// SPDX-License-Identifier: GPL-2.0-only
#include "breakpoints.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace rmguest {
namespace {

constexpr std::size_t register_count = 4;
constexpr std::uint64_t largest_piece = 4;

// SDM: Debug Control Register (DR7).
constexpr unsigned control_register = 7;
constexpr std::uint64_t always_set = 1u << 10;
constexpr std::uint64_t global_exact = 1u << 9;
constexpr unsigned global_enable_shift = 1, enable_width = 2;
constexpr unsigned conditions_shift = 16, condition_width = 4, length_shift = 2;

struct Piece {
    std::uint64_t address;
    std::uint64_t size;
    BreakKind kind;
    std::size_t owner;  // index of the breakpoint
};

// A register watches 1, 2 or 4 bytes that are aligned to their number.
std::vector<Piece> pieces_of(const Breakpoint& point, std::size_t owner) {
    std::vector<Piece> pieces;
    std::uint64_t address = point.address;
    std::uint64_t left = point.size;
    while (left > 0 && pieces.size() <= register_count) {
        std::uint64_t size = largest_piece;
        while (size > left || address % size != 0) {
            size /= 2;
        }
        pieces.push_back({address, size, point.kind, owner});
        address += size;
        left -= size;
    }
    return pieces;
}

std::vector<Piece> registers_of(const std::vector<Breakpoints::Entry>& entries) {
    std::vector<Piece> registers;
    for (std::size_t index = 0; index < entries.size(); ++index) {
        const auto pieces = pieces_of(entries[index].point, index);
        registers.insert(registers.end(), pieces.begin(), pieces.end());
    }
    return registers;
}

Outcome check(const Breakpoint& point) {
    if (point.size == 0) {
        return Error{"a watchpoint needs a length", "give 1 or more bytes"};
    }
    if (point.kind == BreakKind::execute && point.size != 1) {
        return Error{"a breakpoint has no length", "give the address of an instruction alone"};
    }
    return Done{};
}

}  // namespace

const char* to_string(BreakKind kind) {
    switch (kind) {
        case BreakKind::execute: return "execute";
        case BreakKind::write: return "write";
        case BreakKind::access: return "access";
    }
    return "";
}

Result<std::uint32_t> Breakpoints::add(const Breakpoint& point) {
    if (const auto checked = check(point); !checked) {
        return checked.error();
    }
    const auto same = std::ranges::find(entries_, point, &Entry::point);
    if (same != entries_.end()) {
        return same->number;
    }
    const std::size_t wanted = pieces_of(point, 0).size();
    const std::size_t used = registers_of(entries_).size();
    if (used + wanted > register_count) {
        return Error{
            fmt::format("it takes {}{} debug registers, and {} of the CPU's {} are free",
                        wanted > register_count ? "more than " : "",
                        std::min(wanted, register_count), register_count - used, register_count),
            "delete another one, or watch fewer bytes"};
    }
    entries_.push_back({++last_number_, point});
    return last_number_;
}

bool Breakpoints::remove(const Breakpoint& point) {
    return std::erase_if(entries_, [&](const Entry& entry) { return entry.point == point; }) != 0;
}

bool Breakpoints::remove(std::uint32_t number) {
    return std::erase_if(entries_, [&](const Entry& entry) { return entry.number == number; }) != 0;
}

bool Breakpoints::stops_at(std::uint64_t linear) const {
    return std::ranges::any_of(entries_, [&](const Entry& entry) {
        return entry.point.kind == BreakKind::execute && entry.point.address == linear;
    });
}

std::optional<Breakpoints::Entry> Breakpoints::find_hit(std::uint64_t dr6) const {
    const auto registers = registers_of(entries_);
    std::optional<Entry> found;
    for (std::size_t index = 0; index < registers.size(); ++index) {
        const Entry& entry = entries_[registers[index].owner];
        const bool is_better = !found || (entry.point.kind == BreakKind::execute &&
                                          found->point.kind != BreakKind::execute);
        if (((dr6 >> index) & 1u) != 0 && is_better) {
            found = entry;
        }
    }
    return found;
}

void Breakpoints::fill(kvm_guest_debug& debug, std::optional<std::uint64_t> except) const {
    const auto registers = registers_of(entries_);
    std::uint64_t dr7 = 0;
    for (std::size_t index = 0; index < registers.size(); ++index) {
        const Piece& piece = registers[index];
        debug.arch.debugreg[index] = piece.address;
        if (piece.kind == BreakKind::execute && except == piece.address) {
            continue;
        }
        const std::uint64_t condition =
            static_cast<std::uint64_t>(piece.kind) | ((piece.size - 1) << length_shift);
        dr7 |= std::uint64_t{1} << (global_enable_shift + enable_width * index);
        dr7 |= condition << (conditions_shift + condition_width * index);
    }
    if (dr7 != 0) {
        debug.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
        debug.arch.debugreg[control_register] = dr7 | always_set | global_exact;
    }
}

}  // namespace rmguest
