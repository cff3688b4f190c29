// SPDX-License-Identifier: GPL-2.0-only
#include "trace_print.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <span>

#include "lib/trace_text.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

using nlohmann::ordered_json;

std::uint64_t start_time(const Trace& trace) {
    return trace.entries.empty() ? 0 : trace.entries.front().record.tsc;
}

// Records of different CPUs may differ by a few ticks; the earliest is first all the same.
std::int64_t relative_time(const TraceFileEntry& entry, std::uint64_t start) {
    return static_cast<std::int64_t>(entry.record.tsc - start);
}

std::span<const std::uint8_t> valid_bytes(const TraceFileEntry& entry) {
    return std::span(entry.bytes).first(entry.byte_count);
}

std::optional<Disassembly> instruction_of(const TraceFileEntry& entry) {
    if (!has_instruction(entry.record) || entry.byte_count == 0) {
        return std::nullopt;
    }
    return disassemble(valid_bytes(entry), code_size(entry.record), entry.record.rip);
}

std::string instruction_text(const TraceFileEntry& entry) {
    if (const auto instruction = instruction_of(entry)) {
        return instruction->text;
    }
    return has_instruction(entry.record) && entry.byte_count != 0 ? "(no instruction)" : "";
}

ordered_json json_of(const TraceFileEntry& entry, std::uint64_t start) {
    const rmvisor_trace_record& record = entry.record;
    ordered_json json{{"time", relative_time(entry, start)},
                      {"tsc", record.tsc},
                      {"cpu", record.cpu},
                      {"guest", describe_guest(record)},
                      {"vm", record.vm},
                      {"vcpu", record.vcpu},
                      {"type", record.type},
                      {"event", describe_event(record)},
                      {"detail", describe_detail(record)},
                      {"reason", record.reason},
                      {"qualification", record.qualification},
                      {"interruption", record.intr_info},
                      {"address", describe_address(record)},
                      {"cs_base", record.cs_base},
                      {"rip", record.rip},
                      {"root_ticks", record.root_ticks},
                      {"action", describe_action(record)}};
    if (const auto instruction = instruction_of(entry)) {
        json["instruction"] = instruction->text;
        json["bytes"] =
            fmt::format("{:02x}", fmt::join(valid_bytes(entry).first(instruction->length), ""));
    }
    if ((record.flags & RMVISOR_TRACE_F_REGS) != 0) {
        json["eax"] = record.rax;
        json["ecx"] = record.rcx;
        json["edx"] = record.rdx;
    }
    if ((record.flags & RMVISOR_TRACE_F_PHYSICAL) != 0) {
        json["guest_physical"] = record.guest_physical;
    }
    if ((record.flags & RMVISOR_TRACE_F_LINEAR) != 0) {
        json["linear_address"] = record.linear_address;
    }
    return json;
}

constexpr const char* row_format = "{:>12} {:>3} {:<10} {:<26} {:<40} {:<18} {:<28} {:>9}  {}";

}  // namespace

void print_trace_table(const Trace& trace) {
    const bool colour = wants_colour(STDOUT_FILENO);
    const char* bold = colour ? "\x1b[1m" : "";
    const char* dim = colour ? "\x1b[2m" : "";
    const char* off = colour ? "\x1b[0m" : "";
    const std::string header = fmt::format(row_format, "TIME", "CPU", "GUEST", "EVENT", "DETAIL",
                                           "CS:IP", "INSTRUCTION", "TICKS", "VISOR");
    fmt::print("{}{}{}\n", bold, header, off);
    const std::uint64_t start = start_time(trace);
    for (const TraceFileEntry& entry : trace.entries) {
        const rmvisor_trace_record& record = entry.record;
        const std::string row =
            fmt::format(row_format, fmt::format("{:+}", relative_time(entry, start)), record.cpu,
                        describe_guest(record), describe_event(record), describe_detail(record),
                        describe_address(record), instruction_text(entry), record.root_ticks,
                        describe_action(record));
        fmt::print("{}{}{}\n", record.vm == 0 ? dim : "", row, record.vm == 0 ? off : "");
    }
}

void print_trace_json(const Trace& trace) {
    const std::uint64_t start = start_time(trace);
    for (const TraceFileEntry& entry : trace.entries) {
        fmt::print("{}\n", json_of(entry, start).dump());
    }
}

}  // namespace rmguest
