// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace rmguest {

// Owns a mapping of memory; unmaps it at the end of its life.
class Mapping {
public:
    Mapping() = default;
    // `address` comes from mmap and may be MAP_FAILED.
    Mapping(void* address, std::size_t size)
        : address_(address == MAP_FAILED ? nullptr : address), size_(size) {}
    Mapping(Mapping&& other) noexcept
        : address_(std::exchange(other.address_, nullptr)), size_(other.size_) {}
    Mapping& operator=(Mapping&& other) noexcept {
        std::swap(address_, other.address_);
        std::swap(size_, other.size_);
        return *this;
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() {
        if (address_ != nullptr) {
            ::munmap(address_, size_);
        }
    }

    explicit operator bool() const { return address_ != nullptr; }
    [[nodiscard]] void* data() const { return address_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::span<std::uint8_t> bytes() const {
        return {static_cast<std::uint8_t*>(address_), size_};
    }

private:
    void* address_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace rmguest
