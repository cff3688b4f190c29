// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <vector>

#include "lib/guest_bus.hpp"

namespace rmguest {

// A bus on which nothing has an effect, for finding out what an instruction would reach: reads of
// devices give 0, writes go nowhere.
class Rehearsal final : public GuestBus {
public:
    explicit Rehearsal(GuestBus& bus) : bus_(bus) {}

    std::uint8_t* memory(std::uint64_t address, unsigned size, bool for_write) override {
        auto* memory = bus_.memory(address, size, for_write);
        return memory != nullptr && for_write ? scratch_.data() : memory;
    }
    std::uint64_t read(std::uint64_t address, unsigned) override {
        pages_.push_back(address / page_bytes);
        return 0;
    }
    void write(std::uint64_t address, unsigned, std::uint64_t) override {
        pages_.push_back(address / page_bytes);
    }

    // Whether there was an access to a device in that page.
    [[nodiscard]] bool reached(std::uint64_t address) const {
        for (const std::uint64_t page : pages_) {
            if (page == address / page_bytes) {
                return true;
            }
        }
        return false;
    }

private:
    static constexpr std::uint64_t page_bytes = 4096;

    GuestBus& bus_;
    std::array<std::uint8_t, 8> scratch_{};
    std::vector<std::uint64_t> pages_;
};

}  // namespace rmguest
