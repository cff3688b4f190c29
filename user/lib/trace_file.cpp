// SPDX-License-Identifier: GPL-2.0-only
#include "trace_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

namespace rmguest {
namespace {

template <typename T>
void append(std::vector<std::uint8_t>& bytes, const T& value) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
    bytes.insert(bytes.end(), first, first + sizeof(T));
}

Error bad_file(const std::string& name, const std::string& why) {
    return Error{fmt::format("{} can't be shown: {}", name, why),
                 "give a file that rmguest run --trace of this version has written"};
}

Result<TraceFileHeader> decode_header(std::span<const std::uint8_t> file, const std::string& name) {
    TraceFileHeader header{};
    if (file.size() < sizeof(header)) {
        return bad_file(name, "it is too short for a trace");
    }
    std::memcpy(&header, file.data(), sizeof(header));
    if (header.magic != trace_file_magic) {
        return bad_file(name, "it is no trace");
    }
    if (header.version != trace_file_version || header.record_version != RMVISOR_TRACE_VERSION) {
        return bad_file(name, fmt::format("it is of version {} with records of version {}, and "
                                          "this rmguest reads {} and {}",
                                          header.version, header.record_version, trace_file_version,
                                          RMVISOR_TRACE_VERSION));
    }
    if (header.header_size < sizeof(TraceFileHeader) || header.header_size > file.size() ||
        header.entry_size < sizeof(TraceFileEntry)) {
        return bad_file(name, "its header is damaged");
    }
    return header;
}

}  // namespace

std::vector<std::uint8_t> encode_trace(const Trace& trace, std::uint32_t cpu, std::uint32_t vm) {
    const TraceFileHeader header{
        .magic = trace_file_magic,
        .version = trace_file_version,
        .header_size = sizeof(TraceFileHeader),
        .entry_size = sizeof(TraceFileEntry),
        .record_version = RMVISOR_TRACE_VERSION,
        .cpu = cpu,
        .vm = vm,
        .lost = trace.lost,
        .reserved = {},
    };
    std::vector<std::uint8_t> bytes;
    append(bytes, header);
    for (const TraceFileEntry& entry : trace.entries) {
        append(bytes, entry);
    }
    return bytes;
}

Result<Trace> decode_trace(std::span<const std::uint8_t> file, const std::string& name) {
    const auto header = decode_header(file, name);
    if (!header) {
        return header.error();
    }
    auto rest = file.subspan(header->header_size);
    if (rest.size() % header->entry_size != 0) {
        return bad_file(name, "it is cut off inside of a record");
    }
    Trace trace{.entries = {}, .lost = header->lost};
    trace.entries.reserve(rest.size() / header->entry_size);
    for (; !rest.empty(); rest = rest.subspan(header->entry_size)) {
        TraceFileEntry entry{};
        std::memcpy(&entry, rest.data(), sizeof(entry));
        entry.byte_count = std::min<std::uint8_t>(entry.byte_count, longest_instruction);
        trace.entries.push_back(entry);
    }
    return trace;
}

}  // namespace rmguest
