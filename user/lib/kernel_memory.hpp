// SPDX-License-Identifier: GPL-2.0-only
//
// The running kernel's own text, by /proc/kcore, to disassemble the instructions of Linux's exits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "file_descriptor.hpp"

namespace rmguest {

class KernelMemory {
public:
    // Without /proc/kcore, or the right to read it, nothing can be read and nothing is said.
    KernelMemory();

    // As many bytes from the linear address on as there are, up to the span's size; their number.
    [[nodiscard]] std::size_t read(std::uint64_t address, std::span<std::uint8_t> bytes) const;

private:
    struct Range {
        std::uint64_t address;
        std::uint64_t size;
        std::uint64_t offset;  // in the file
    };
    FileDescriptor file_;
    std::vector<Range> ranges_;
};

}  // namespace rmguest
