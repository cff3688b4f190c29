// SPDX-License-Identifier: GPL-2.0-only
// Trace files out of any bytes: what is read can be written and is the same when read again.
#include "lib/trace_file.hpp"

#include <cstdlib>
#include <cstring>

#include "targets.hpp"

void fuzz::trace(std::span<const std::uint8_t> bytes) {
    using namespace rmguest;
    const auto first = decode_trace(bytes, "input");
    if (!first) return;
    const auto encoded = encode_trace(*first, 0, 0);
    const auto second = decode_trace(encoded, "again");
    if (!second || second->entries.size() != first->entries.size() || second->lost != first->lost)
        std::abort();
    for (std::size_t i = 0; i < first->entries.size(); ++i)
        if (std::memcmp(&first->entries[i].record, &second->entries[i].record,
                        sizeof(rmvisor_trace_record)) != 0)
            std::abort();
}
