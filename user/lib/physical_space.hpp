// SPDX-License-Identifier: GPL-2.0-only
//
// What a guest has at its physical addresses: memory, watched ranges, and nothing.
#pragma once

#include <functional>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "guest_bus.hpp"
#include "mmio_region.hpp"

namespace rmguest {

struct MemoryPiece {
    std::uint64_t address;  // whole pages
    std::uint64_t size;
};

// The memory of `size` bytes from 0 without the pages in which a range lies: what the device is
// given, so that accesses to the ranges come to user space.
[[nodiscard]] std::vector<MemoryPiece> memory_without(std::uint64_t size,
                                                      const std::vector<MmioRange>& ranges);

// Where nothing is, reads give all ones and writes are lost; both are counted. The rest of a page
// in which a range lies is memory as before. Callable from any thread.
class PhysicalSpace final : public GuestBus {
public:
    // Takes a line for every access to a range.
    using Log = std::function<void(std::string_view)>;

    PhysicalSpace(std::span<std::uint8_t> memory, const std::vector<MmioRange>& ranges,
                  Log log = {});

    [[nodiscard]] std::uint8_t* memory(std::uint64_t address, unsigned size,
                                       bool for_write) override;
    [[nodiscard]] std::uint64_t read(std::uint64_t address, unsigned size) override;
    void write(std::uint64_t address, unsigned size, std::uint64_t value) override;

    // After the run.
    [[nodiscard]] const std::vector<MmioRegion>& regions() const { return regions_; }
    [[nodiscard]] std::uint64_t outside_accesses() const { return outside_accesses_; }
    [[nodiscard]] std::uint64_t outside_address() const { return outside_address_; }

private:
    [[nodiscard]] MmioRegion* find(std::uint64_t address, unsigned size);
    [[nodiscard]] std::uint8_t* byte_at(std::uint64_t address);
    void note(std::uint64_t address, unsigned size, std::uint64_t value, bool is_write);

    std::span<std::uint8_t> memory_;
    std::vector<MmioRegion> regions_;
    Log log_;
    std::uint64_t outside_accesses_ = 0;
    std::uint64_t outside_address_ = 0;
    std::mutex mutex_;
};

}  // namespace rmguest
