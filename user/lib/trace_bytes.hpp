// SPDX-License-Identifier: GPL-2.0-only
//
// Where the instruction bytes of trace records come from.
#pragma once

#include <optional>

#include "image.hpp"
#include "kernel_memory.hpp"
#include "trace_file.hpp"

namespace rmguest {

// Finds bytes for records of the running module: a guest's in its image as it is on disk (so not
// what the guest wrote itself), Linux's in the running kernel.
class InstructionBytes {
public:
    explicit InstructionBytes(std::optional<Image> image) : image_(std::move(image)) {}

    [[nodiscard]] TraceFileEntry entry_of(const rmvisor_trace_record& record) const;

private:
    [[nodiscard]] std::size_t read_image(std::uint64_t address,
                                         std::span<std::uint8_t> bytes) const;

    std::optional<Image> image_;
    KernelMemory kernel_;
};

}  // namespace rmguest
