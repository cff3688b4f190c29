// SPDX-License-Identifier: GPL-2.0-only
#include "physical_space.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace rmguest {
namespace {

constexpr std::uint64_t page_bytes = 4096;

std::uint64_t page_of(std::uint64_t address) { return address / page_bytes; }

}  // namespace

std::vector<MemoryPiece> memory_without(std::uint64_t size, const std::vector<MmioRange>& ranges) {
    std::vector<MmioRange> sorted = ranges;
    std::ranges::sort(sorted, {}, &MmioRange::address);
    std::vector<MemoryPiece> pieces;
    std::uint64_t at = 0;
    const auto add_up_to = [&](std::uint64_t end) {
        end = std::min(end, size);
        if (end > at) {
            pieces.push_back({at, end - at});
        }
    };
    for (const MmioRange& range : sorted) {
        add_up_to(page_of(range.address) * page_bytes);
        at = std::max(at, (page_of(range.end() - 1) + 1) * page_bytes);
    }
    add_up_to(size);
    return pieces;
}

PhysicalSpace::PhysicalSpace(std::span<std::uint8_t> memory, const std::vector<MmioRange>& ranges,
                             Log log)
    : memory_(memory), regions_(ranges.begin(), ranges.end()), log_(std::move(log)) {}

// Nobody changes the ranges, so that this needs no lock.
std::uint8_t* PhysicalSpace::memory(std::uint64_t address, unsigned size, bool) {
    if (address >= memory_.size() || size > memory_.size() - address) {
        return nullptr;
    }
    for (const MmioRegion& region : regions_) {
        if (page_of(address + size - 1) >= page_of(region.range.address) &&
            page_of(address) <= page_of(region.range.end() - 1)) {
            return nullptr;
        }
    }
    return &memory_[address];
}

MmioRegion* PhysicalSpace::find(std::uint64_t address, unsigned size) {
    const auto found = std::ranges::find_if(regions_, [&](const MmioRegion& region) {
        return address < region.range.end() && address + size > region.range.address;
    });
    return found == regions_.end() ? nullptr : &*found;
}

std::uint8_t* PhysicalSpace::byte_at(std::uint64_t address) {
    if (MmioRegion* region = find(address, 1)) {
        return &region->bytes[address - region->range.address];
    }
    return address < memory_.size() ? &memory_[address] : nullptr;
}

void PhysicalSpace::note(std::uint64_t address, unsigned size, std::uint64_t value, bool is_write) {
    if (MmioRegion* region = find(address, size)) {
        ++(is_write ? region->writes : region->reads);
        if (log_) {
            log_(fmt::format("{} {} {:08x} = {:0{}x}\n", region->range.name,
                             is_write ? "write" : "read ", address, value, 2 * size));
        }
    } else if (address >= memory_.size() && outside_accesses_++ == 0) {
        outside_address_ = address;
    }
}

std::uint64_t PhysicalSpace::read(std::uint64_t address, unsigned size) {
    const std::lock_guard lock(mutex_);
    std::uint64_t value = 0;
    for (unsigned index = 0; index < size; ++index) {
        const auto* byte = byte_at(address + index);
        value |= std::uint64_t{byte != nullptr ? *byte : std::uint8_t{0xff}} << (8 * index);
    }
    note(address, size, value, false);
    return value;
}

void PhysicalSpace::write(std::uint64_t address, unsigned size, std::uint64_t value) {
    const std::lock_guard lock(mutex_);
    for (unsigned index = 0; index < size; ++index) {
        if (auto* byte = byte_at(address + index)) {
            *byte = static_cast<std::uint8_t>(value >> (8 * index));
        }
    }
    note(address, size, value, true);
}

}  // namespace rmguest
