// SPDX-License-Identifier: GPL-2.0-only
// Images out of any bytes: what is accepted and fits can be placed, and has an entry or an error.
#include "lib/image.hpp"

#include <cstdlib>

#include "input.hpp"
#include "targets.hpp"

void fuzz::image(std::span<const std::uint8_t> bytes) {
    using namespace rmguest;
    fuzz::Input input{bytes};
    const std::uint64_t load = input.flip() ? default_load_address : input.number();
    const std::uint64_t memory_size = std::uint64_t{1} << (12 + input.pick(9));
    const auto file = input.rest();
    const auto parsed = looks_like_elf(file) ? parse_elf(file) : parse_flat(file, load);
    if (!parsed) return;
    for (const ImageSegment& segment : parsed->segments)
        if (segment.bytes.size() > segment.memory_size) std::abort();
    if (!check_fits(*parsed, memory_size)) return;
    std::vector<std::uint8_t> memory(memory_size, 0xcc);
    place_image(*parsed, memory);
    const auto entry = choose_entry(*parsed, std::nullopt, memory_size);
    static_cast<void>(entry);
}
