// SPDX-License-Identifier: GPL-2.0-only
// The bytes that a target makes its decisions from; zeros after their end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace fuzz {

class Input {
public:
    explicit Input(std::span<const std::uint8_t> bytes) : bytes_{bytes} {}

    [[nodiscard]] bool is_empty() const { return bytes_.empty(); }

    template <typename Value>
    Value take() {
        static_assert(std::is_trivially_copyable_v<Value>);
        Value value{};
        take_bytes(&value, sizeof(value));
        return value;
    }
    // Below `bound`, from one byte if that is enough.
    std::uint32_t pick(std::uint32_t bound) {
        return (bound <= 256 ? take<std::uint8_t>() : take<std::uint32_t>()) % bound;
    }
    bool flip() { return pick(2) != 0; }
    // A value of any width, so that small ones are likely.
    std::uint64_t number() {
        switch (pick(4)) {
            case 0: return take<std::uint8_t>();
            case 1: return take<std::uint16_t>();
            case 2: return take<std::uint32_t>();
            default: return take<std::uint64_t>();
        }
    }
    void take_bytes(void* to, std::size_t size) {
        const std::size_t taken = std::min(size, bytes_.size());
        if (taken != 0) std::memcpy(to, bytes_.data(), taken);
        bytes_ = bytes_.subspan(taken);
    }
    [[nodiscard]] std::span<const std::uint8_t> rest() const { return bytes_; }

private:
    std::span<const std::uint8_t> bytes_;
};

}  // namespace fuzz
