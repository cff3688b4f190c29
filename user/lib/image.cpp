// SPDX-License-Identifier: GPL-2.0-only
#include "image.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "near_names.hpp"
#include "read_file.hpp"

namespace rmguest {
namespace {

Result<RealAddress> entry_at(std::uint64_t linear, const std::string& whose) {
    if (const auto address = real_address_of(linear)) {
        return *address;
    }
    return Error{fmt::format("{} is {:#x}, and real mode starts below 1 MiB", whose, linear),
                 "link or load the code lower, or give --entry SEG:OFF"};
}

Result<RealAddress> entry_symbol(const Image& image, const std::string& name) {
    if (!image.is_elf) {
        return Error{fmt::format("there is no symbol '{}': a flat binary has no symbols", name),
                     "give --entry SEG:OFF, or an ELF image"};
    }
    for (const ImageSymbol& symbol : image.symbols) {
        if (symbol.name == name) {
            return entry_at(symbol.address, fmt::format("symbol '{}'", name));
        }
    }
    std::vector<std::string> names;
    for (const ImageSymbol& symbol : image.symbols) {
        names.push_back(symbol.name);
    }
    const std::string near = describe_near_names(name, names);
    return Error{fmt::format("the image has no symbol '{}'", name),
                 near.empty() ? "list its symbols with nm(1)" : "did you mean " + near + "?"};
}

}  // namespace

bool looks_like_elf(std::span<const std::uint8_t> file) {
    constexpr std::uint8_t magic[] = {0x7f, 'E', 'L', 'F'};
    return file.size() >= sizeof(magic) && std::ranges::equal(file.first(sizeof(magic)), magic);
}

Result<Image> parse_flat(std::span<const std::uint8_t> file, std::uint64_t load) {
    if (file.empty()) {
        return Error{"the image is empty", "build it again, or name another file"};
    }
    Image image{.segments = {}, .symbols = {}, .entry = load, .is_elf = false};
    image.segments.push_back({load, file.size(), {file.begin(), file.end()}});
    return image;
}

Result<Image> read_image(const std::string& path, std::optional<std::uint64_t> load) {
    const auto file = read_file(path);
    if (!file) {
        return file.error();
    }
    if (!looks_like_elf(*file)) {
        return parse_flat(*file, load.value_or(default_load_address));
    }
    if (load) {
        return Error{"--load does not go with an ELF image, which says itself where it is loaded",
                     "leave --load away, or make a flat binary with objcopy -O binary"};
    }
    return parse_elf(*file);
}

Outcome check_fits(const Image& image, std::uint64_t memory_size) {
    for (const ImageSegment& segment : image.segments) {
        if (segment.address >= memory_size) {
            return Error{fmt::format("the image is loaded at {:#x}, outside of the guest's memory "
                                     "of {:#x} bytes",
                                     segment.address, memory_size),
                         "give a lower --load or more --memory"};
        }
        if (segment.memory_size > memory_size - segment.address) {
            return Error{fmt::format("the image needs {:#x} bytes at {:#x}, and the guest's memory "
                                     "ends at {:#x}",
                                     segment.memory_size, segment.address, memory_size),
                         "give more --memory or a lower --load"};
        }
    }
    return Done{};
}

Result<RealAddress> choose_entry(const Image& image, const std::optional<EntryChoice>& choice,
                                 std::uint64_t memory_size) {
    const auto entry = [&]() -> Result<RealAddress> {
        if (!choice) {
            return entry_at(image.entry, image.is_elf ? "the ELF entry" : "the load address");
        }
        if (const auto* address = std::get_if<RealAddress>(&*choice)) {
            return *address;
        }
        return entry_symbol(image, std::get<std::string>(*choice));
    }();
    if (entry && entry->linear() >= memory_size) {
        return Error{fmt::format("the entry {} is outside of the guest's memory of {:#x} bytes",
                                 to_string(*entry), memory_size),
                     "give another --entry or more --memory"};
    }
    return entry;
}

void place_image(const Image& image, std::span<std::uint8_t> memory) {
    for (const ImageSegment& segment : image.segments) {
        const auto place = memory.subspan(segment.address, segment.memory_size);
        std::ranges::fill(place, std::uint8_t{0});
        std::ranges::copy(segment.bytes, place.begin());
    }
}

}  // namespace rmguest
