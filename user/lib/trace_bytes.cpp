// SPDX-License-Identifier: GPL-2.0-only
#include "trace_bytes.hpp"

#include <algorithm>

#include "trace_text.hpp"

namespace rmguest {

std::size_t InstructionBytes::read_image(std::uint64_t address,
                                         std::span<std::uint8_t> bytes) const {
    if (!image_) {
        return 0;
    }
    for (const ImageSegment& segment : image_->segments) {
        if (address >= segment.address && address - segment.address < segment.bytes.size()) {
            const auto rest = std::span(segment.bytes).subspan(address - segment.address);
            const auto count = std::min(rest.size(), bytes.size());
            std::ranges::copy(rest.first(count), bytes.begin());
            return count;
        }
    }
    return 0;
}

TraceFileEntry InstructionBytes::entry_of(const rmvisor_trace_record& record) const {
    TraceFileEntry entry{.record = record, .bytes = {}, .byte_count = 0};
    if (has_instruction(record)) {
        const std::uint64_t address = instruction_address(record);
        const std::size_t count =
            record.vm == 0 ? kernel_.read(address, entry.bytes) : read_image(address, entry.bytes);
        entry.byte_count = static_cast<std::uint8_t>(count);
    }
    return entry;
}

}  // namespace rmguest
