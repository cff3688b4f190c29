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

std::string bytes_text(const TraceFileEntry& entry, const Disassembly& instruction) {
    return fmt::format("{:02x}", fmt::join(valid_bytes(entry).first(instruction.length), ""));
}

class TextPrinter : public TracePrinter {
public:
    using TracePrinter::TracePrinter;

protected:
    void print_header() override {
        const char* bold = colour_ ? "\x1b[1m" : "";
        fmt::print(out(), "{}{}{}\n", bold,
                   format_row("TIME", "CPU", "GUEST", "NAME", "EVENT", "DETAIL", "CS:IP", "SYMBOL",
                              "INSTRUCTION", "TICKS", "VISOR"),
                   colour_ ? "\x1b[0m" : "");
    }

    void print_row(const TraceFileEntry& entry, std::int64_t time) override {
        const rmvisor_trace_record& record = entry.record;
        const bool is_dim = colour_ && record.vm == 0;
        fmt::print(out(), "{}{}{}\n", is_dim ? "\x1b[2m" : "",
                   format_row(fmt::format("{:+}", time), record.cpu, describe_guest(record),
                              name_of(symbols().names, record), describe_event(record),
                              describe_detail(record), describe_address(record),
                              symbols().describe(record), instruction_text(entry),
                              record.root_ticks, describe_action(record)),
                   is_dim ? "\x1b[0m" : "");
    }

private:
    // The columns of names and symbols are there only where there are any.
    template <typename Time, typename Cpu, typename Ticks>
    [[nodiscard]] std::string format_row(const Time& time, const Cpu& cpu, const std::string& guest,
                                         const std::string& name, const std::string& event,
                                         const std::string& detail, const std::string& address,
                                         const std::string& symbol, const std::string& instruction,
                                         const Ticks& ticks, const std::string& action) const {
        const std::string where =
            symbols().is_empty() ? std::string() : fmt::format("{:<28} ", symbol);
        const std::string who = has_names_ ? fmt::format("{:<12} ", name) : std::string();
        return fmt::format("{:>12} {:>3} {:<10} {}{:<26} {:<40} {:<18} {}{:<28} {:>9}  {}", time,
                           cpu, guest, who, event, detail, address, where, instruction, ticks,
                           action);
    }

    const bool colour_ = out() == stdout && wants_colour(STDOUT_FILENO);
    const bool has_names_ = symbols().expects_names || !symbols().names.empty();
};

class JsonPrinter : public TracePrinter {
public:
    using TracePrinter::TracePrinter;

protected:
    void print_row(const TraceFileEntry& entry, std::int64_t time) override {
        const rmvisor_trace_record& record = entry.record;
        ordered_json json{{"time", time},
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
        if (const std::string name = name_of(symbols().names, record); !name.empty()) {
            json["name"] = name;
        }
        if (const std::string symbol = symbols().describe(record); !symbol.empty()) {
            json["symbol"] = symbol;
        }
        if (const auto instruction = instruction_of(entry)) {
            json["instruction"] = instruction->text;
            json["bytes"] = bytes_text(entry, *instruction);
        }
        add_flagged(json, record);
        fmt::print(out(), "{}\n", json.dump());
    }

private:
    static void add_flagged(ordered_json& json, const rmvisor_trace_record& record) {
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
    }
};

// RFC 4180.
std::string csv_cell(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char character : text) {
        quoted += character == '"' ? "\"\"" : std::string(1, character);
    }
    return quoted + '"';
}

class CsvPrinter : public TracePrinter {
public:
    using TracePrinter::TracePrinter;

protected:
    void print_header() override {
        fmt::print(out(),
                   "time,tsc,cpu,guest,vm,vcpu,type,event,detail,reason,qualification,"
                   "interruption,address,cs_base,rip,symbol,instruction,bytes,root_ticks,"
                   "action,name\n");
    }

    void print_row(const TraceFileEntry& entry, std::int64_t time) override {
        const rmvisor_trace_record& record = entry.record;
        const auto instruction = instruction_of(entry);
        fmt::print(out(), "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", time,
                   record.tsc, record.cpu, describe_guest(record), record.vm, record.vcpu,
                   record.type, csv_cell(describe_event(record)), csv_cell(describe_detail(record)),
                   record.reason, record.qualification, record.intr_info,
                   csv_cell(describe_address(record)), record.cs_base, record.rip,
                   csv_cell(symbols().describe(record)),
                   csv_cell(instruction ? instruction->text : ""),
                   instruction ? bytes_text(entry, *instruction) : "", record.root_ticks,
                   csv_cell(describe_action(record)), csv_cell(name_of(symbols().names, record)));
    }
};

}  // namespace

Result<TraceFormat> parse_trace_format(std::string_view text) {
    constexpr std::pair<const char*, TraceFormat> formats[] = {{"text", TraceFormat::text},
                                                               {"json", TraceFormat::json},
                                                               {"csv", TraceFormat::csv},
                                                               {"timeline", TraceFormat::timeline}};
    for (const auto& [name, format] : formats) {
        if (text == name) {
            return format;
        }
    }
    return Error{fmt::format("there is no format '{}'", text),
                 "give --format text, json, csv or timeline"};
}

void TracePrinter::print(const TraceFileEntry& entry) {
    if (!start_) {
        start_ = entry.record.tsc;
        print_header();
    }
    print_row(entry, static_cast<std::int64_t>(entry.record.tsc - *start_));
}

std::unique_ptr<TracePrinter> make_trace_printer(TraceFormat format, std::FILE* out,
                                                 const TraceSymbols& symbols) {
    switch (format) {
        case TraceFormat::json: return std::make_unique<JsonPrinter>(out, symbols);
        case TraceFormat::csv: return std::make_unique<CsvPrinter>(out, symbols);
        case TraceFormat::text:
        case TraceFormat::timeline: break;
    }
    return std::make_unique<TextPrinter>(out, symbols);
}

}  // namespace rmguest
