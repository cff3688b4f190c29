// SPDX-License-Identifier: GPL-2.0-only
// Trace records out of any bytes are shown as text without harm.
#include <cstdlib>

#include "input.hpp"
#include "lib/disassembler.hpp"
#include "lib/trace_file.hpp"
#include "lib/trace_text.hpp"
#include "targets.hpp"

void fuzz::decode(std::span<const std::uint8_t> bytes) {
    using namespace rmguest;
    fuzz::Input input{bytes};
    const auto entry = input.take<TraceFileEntry>();
    const rmvisor_trace_record& record = entry.record;
    static_cast<void>(describe_guest(record));
    static_cast<void>(describe_event(record));
    static_cast<void>(describe_detail(record));
    static_cast<void>(describe_action(record));
    static_cast<void>(describe_address(record));
    if (!has_instruction(record)) return;
    const std::size_t count = entry.byte_count % (longest_instruction + 1);
    const auto text =
        disassemble({entry.bytes.data(), count}, code_size(record), instruction_address(record));
    if (text && (text->length == 0 || text->length > count)) std::abort();
}
