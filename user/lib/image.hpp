// SPDX-License-Identifier: GPL-2.0-only
//
// What is to be put into a guest's memory, and where it starts. Flat binaries and 16-bit ELF.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "error.hpp"
#include "real_address.hpp"

namespace rmguest {

// Where a flat binary goes unless --load says otherwise: where a PC's firmware puts a boot sector.
constexpr std::uint64_t default_load_address = 0x7c00;

struct ImageSegment {
    std::uint64_t address;            // guest-physical
    std::uint64_t memory_size;        // bytes.size() and zeros after it
    std::vector<std::uint8_t> bytes;  // not more than memory_size
};

struct ImageSymbol {
    std::string name;
    std::uint64_t address;  // guest-physical
};

struct Image {
    std::vector<ImageSegment> segments;
    std::vector<ImageSymbol> symbols;  // none in a flat binary
    std::uint64_t entry;               // guest-physical
    bool is_elf;
};

// A flat binary; empty ones are refused.
[[nodiscard]] Result<Image> parse_flat(std::span<const std::uint8_t> file, std::uint64_t load);

// An executable of ELFCLASS32 for EM_386 or EM_IAMCU: PT_LOADs by p_paddr.
[[nodiscard]] Result<Image> parse_elf(std::span<const std::uint8_t> file);

[[nodiscard]] bool looks_like_elf(std::span<const std::uint8_t> file);

// Reads the file and parses it as what it is. `load` is for flat binaries only; an ELF image says
// itself where it goes, and a load address for it is refused.
[[nodiscard]] Result<Image> read_image(const std::string& path, std::optional<std::uint64_t> load);

// Every segment lies inside of memory_size bytes from 0.
[[nodiscard]] Outcome check_fits(const Image& image, std::uint64_t memory_size);

// CS:IP to start at: the user's choice, or the image's own entry.
[[nodiscard]] Result<RealAddress> choose_entry(const Image& image,
                                               const std::optional<EntryChoice>& choice,
                                               std::uint64_t memory_size);

// Copies the segments, zeros included. The image fits (check_fits).
void place_image(const Image& image, std::span<std::uint8_t> memory);

}  // namespace rmguest
