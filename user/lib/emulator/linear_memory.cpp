// SPDX-License-Identifier: GPL-2.0-only
#include "linear_memory.hpp"

#include <algorithm>
#include <cstring>

namespace rmguest {
namespace {

constexpr std::uint64_t page_bytes = 4096;

// One access of the CPU for each size that has one: other vCPUs and Linux see no half of it.
template <typename T>
std::uint64_t load_as(const std::uint8_t* memory) {
    T value;
    std::memcpy(&value, memory, sizeof(value));
    return value;
}

template <typename T>
void store_as(std::uint8_t* memory, std::uint64_t value) {
    const T narrow = static_cast<T>(value);
    std::memcpy(memory, &narrow, sizeof(narrow));
}

std::uint64_t load(const std::uint8_t* memory, unsigned size) {
    switch (size) {
        case 1: return load_as<std::uint8_t>(memory);
        case 2: return load_as<std::uint16_t>(memory);
        case 4: return load_as<std::uint32_t>(memory);
        case 8: return load_as<std::uint64_t>(memory);
        default: {  // a part of an access that crosses a page
            std::uint64_t value = 0;
            std::memcpy(&value, memory, size);
            return value;
        }
    }
}

void store(std::uint8_t* memory, unsigned size, std::uint64_t value) {
    switch (size) {
        case 1: return store_as<std::uint8_t>(memory, value);
        case 2: return store_as<std::uint16_t>(memory, value);
        case 4: return store_as<std::uint32_t>(memory, value);
        case 8: return store_as<std::uint64_t>(memory, value);
        default: std::memcpy(memory, &value, size);
    }
}

}  // namespace

void LinearMemory::raise(const Fault& fault) {
    if (!fault_) {
        fault_ = fault;
    }
}

std::optional<std::uint64_t> LinearMemory::physical(std::uint64_t linear, Access access) {
    const auto result = translate(state_, bus_, linear, access);
    if (const auto* fault = std::get_if<Fault>(&result)) {
        raise(*fault);
        return std::nullopt;
    }
    return std::get<std::uint64_t>(result);
}

std::optional<LinearMemory::Pieces> LinearMemory::split(std::uint64_t linear, unsigned size,
                                                        Access access) {
    if (fault_) {
        return std::nullopt;
    }
    const auto rest = page_bytes - linear % page_bytes;
    const auto first_size = static_cast<unsigned>(std::min<std::uint64_t>(size, rest));
    const auto first = physical(linear, access);
    if (!first) {
        return std::nullopt;
    }
    Pieces pieces{{*first, first_size}, {0, size - first_size}};
    if (pieces.second.size != 0) {
        std::uint64_t next = linear + first_size;
        if (code_size(state_) != CodeSize::bits64) {
            next &= 0xffff'ffff;
        }
        const auto second = physical(next, access);
        if (!second) {
            return std::nullopt;
        }
        pieces.second.physical = *second;
    }
    return pieces;
}

std::uint64_t LinearMemory::read_piece(const Piece& piece) {
    if (piece.size == 0) {
        return 0;
    }
    if (const auto* memory = bus_.memory(piece.physical, piece.size, false)) {
        return load(memory, piece.size);
    }
    const std::uint64_t value = bus_.read(piece.physical, piece.size);
    return piece.size == 8 ? value : value & ((std::uint64_t{1} << (8 * piece.size)) - 1);
}

void LinearMemory::write_piece(const Piece& piece, std::uint64_t value) {
    if (piece.size == 0) {
        return;
    }
    if (auto* memory = bus_.memory(piece.physical, piece.size, true)) {
        store(memory, piece.size, value);
        return;
    }
    if (piece.size != 8) {
        value &= (std::uint64_t{1} << (8 * piece.size)) - 1;
    }
    bus_.write(piece.physical, piece.size, value);
}

std::uint64_t LinearMemory::read(std::uint64_t linear, unsigned size, Access access) {
    const auto pieces = split(linear, size, access);
    if (!pieces) {
        return 0;
    }
    const std::uint64_t low = read_piece(pieces->first);
    if (pieces->second.size == 0) {
        return low;
    }
    return low | read_piece(pieces->second) << (8 * pieces->first.size);
}

void LinearMemory::write(std::uint64_t linear, unsigned size, std::uint64_t value) {
    const auto pieces = split(linear, size, Access::write);
    if (!pieces) {
        return;
    }
    write_piece(pieces->first, value);
    if (pieces->second.size != 0) {
        write_piece(pieces->second, value >> (8 * pieces->first.size));
    }
}

void LinearMemory::probe_write(std::uint64_t linear, unsigned size) {
    (void)split(linear, size, Access::write);
}

}  // namespace rmguest
