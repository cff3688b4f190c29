// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace rmguest {

// The physical address space of a guest, as whoever works for it in user space sees it.
class GuestBus {
public:
    virtual ~GuestBus() = default;

    // The memory of `size` bytes from `address`, which lie in one page; null where a device is or
    // nothing, and for writes of memory that is read-only.
    [[nodiscard]] virtual std::uint8_t* memory(std::uint64_t address, unsigned size,
                                               bool for_write) = 0;
    // Accesses of 1 to 8 bytes, within a page, at which there is no such memory.
    [[nodiscard]] virtual std::uint64_t read(std::uint64_t address, unsigned size) = 0;
    virtual void write(std::uint64_t address, unsigned size, std::uint64_t value) = 0;
};

}  // namespace rmguest
