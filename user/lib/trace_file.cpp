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
        header.entry_size < sizeof(TraceFileEntry) ||
        (header.symbols_offset != 0 &&
         (header.symbols_offset < header.header_size || header.symbols_offset > file.size()))) {
        return bad_file(name, "its header is damaged");
    }
    return header;
}

}  // namespace

TraceFileHeader make_trace_header(std::uint32_t cpu, std::uint32_t vm) {
    return {
        .magic = trace_file_magic,
        .version = trace_file_version,
        .header_size = sizeof(TraceFileHeader),
        .entry_size = sizeof(TraceFileEntry),
        .record_version = RMVISOR_TRACE_VERSION,
        .cpu = cpu,
        .vm = vm,
        .lost = 0,
        .tsc_khz = 0,
        .symbols_offset = 0,
        .reserved = 0,
    };
}

std::vector<std::uint8_t> encode_trace(const Trace& trace, std::uint32_t cpu, std::uint32_t vm) {
    std::vector<rmvisor_trace_record> records;
    for (const TraceFileEntry& entry : trace.entries) {
        records.push_back(entry.record);
    }
    const std::string symbols = encode_symbols(trace.symbols, records);
    TraceFileHeader header = make_trace_header(cpu, vm);
    header.lost = trace.lost;
    header.tsc_khz = trace.tsc_khz;
    if (!symbols.empty()) {
        header.symbols_offset = sizeof(header) + trace.entries.size() * sizeof(TraceFileEntry);
    }
    std::vector<std::uint8_t> bytes;
    append(bytes, header);
    for (const TraceFileEntry& entry : trace.entries) {
        append(bytes, entry);
    }
    bytes.insert(bytes.end(), symbols.begin(), symbols.end());
    return bytes;
}

Result<Trace> decode_trace(std::span<const std::uint8_t> file, const std::string& name) {
    const auto header = decode_header(file, name);
    if (!header) {
        return header.error();
    }
    const std::size_t end = header->symbols_offset != 0 ? header->symbols_offset : file.size();
    const auto text = file.subspan(end);
    auto symbols = decode_symbols({reinterpret_cast<const char*>(text.data()), text.size()});
    if (!symbols) {
        return bad_file(name, symbols.error().what);
    }
    auto rest = file.subspan(header->header_size, end - header->header_size);
    if (rest.size() % header->entry_size != 0) {
        return bad_file(name, "it is cut off inside of a record");
    }
    Trace trace{.entries = {},
                .lost = header->lost,
                .tsc_khz = header->tsc_khz,
                .symbols = *std::move(symbols)};
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
