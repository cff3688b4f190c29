// SPDX-License-Identifier: GPL-2.0-only
//
// The trace file that `rmguest run --trace` and `rmguest trace --record` write and `rmguest trace`
// and `rmguest plot` read: records, each with the bytes of the instruction that it happened at.
//
// Format, little-endian: one TraceFileHeader, TraceFileEntry up to symbols_offset (or, if that is
// 0, to the end of the file), then the symbols that the entries need, as JSON text:
// {"linux":[[ADDRESS,"NAME"],...],"guest":[...],"names":[[VM,"NAME"],...]}; "names" may be missing.
// A reader refuses another magic or version, skips
// header_size bytes (64 in version 2), and takes entries of entry_size bytes of which it knows the
// first sizeof(TraceFileEntry). A version that only adds to the ends of both structs keeps the
// version number.
#pragma once

#include <linux/rmvisor.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "disassembler.hpp"
#include "error.hpp"
#include "symbols.hpp"

namespace rmguest {

constexpr std::array<char, 8> trace_file_magic{'R', 'M', 'V', 'T', 'R', 'A', 'C', 'E'};
constexpr std::uint32_t trace_file_version = 2;
// TraceFileHeader.cpu and .vm of a file with records of all.
constexpr std::uint32_t trace_file_all = 0xffffffff;

struct TraceFileHeader {
    std::array<char, 8> magic;     // trace_file_magic
    std::uint32_t version;         // trace_file_version
    std::uint32_t header_size;     // sizeof(TraceFileHeader)
    std::uint32_t entry_size;      // sizeof(TraceFileEntry)
    std::uint32_t record_version;  // RMVISOR_TRACE_VERSION
    std::uint32_t cpu;             // the first CPU of the guest
    std::uint32_t vm;              // the guest's number
    std::uint64_t lost;            // records that were overwritten before they were read
    std::uint64_t tsc_khz;         // TSC ticks per millisecond; 0 if unknown
    std::uint64_t symbols_offset;  // of the symbols in the file; 0 if there are none
    std::uint64_t reserved;        // zero
};

struct TraceFileEntry {
    rmvisor_trace_record record;
    std::array<std::uint8_t, longest_instruction> bytes;  // at cs_base + rip, after the run
    std::uint8_t byte_count;  // of `bytes` that are valid; 0 where there is no such memory
};

static_assert(sizeof(rmvisor_trace_record) == 64);
static_assert(sizeof(TraceFileHeader) == 64 && std::is_trivially_copyable_v<TraceFileHeader>);
static_assert(sizeof(TraceFileEntry) == 80 && std::is_trivially_copyable_v<TraceFileEntry>);

struct Trace {
    std::vector<TraceFileEntry> entries;
    std::uint64_t lost = 0;
    std::uint64_t tsc_khz = 0;
    TraceSymbols symbols = {};
};

// The header of a file without anything lost, known time or symbols.
[[nodiscard]] TraceFileHeader make_trace_header(std::uint32_t cpu, std::uint32_t vm);

[[nodiscard]] std::vector<std::uint8_t> encode_trace(const Trace& trace, std::uint32_t cpu,
                                                     std::uint32_t vm);

// `name` is for messages. Bytes that are left after the last whole entry are refused.
[[nodiscard]] Result<Trace> decode_trace(std::span<const std::uint8_t> file,
                                         const std::string& name);

}  // namespace rmguest
