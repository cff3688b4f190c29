// SPDX-License-Identifier: GPL-2.0-only
#include "symbols.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "read_file.hpp"
#include "trace_text.hpp"

namespace rmguest {
namespace {

using nlohmann::ordered_json;
using Symbol = SymbolTable::Symbol;

std::string_view next_word(std::string_view& line) {
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

// "ffffffff81000000 T name [module]"
std::optional<Symbol> parse_kallsyms_line(std::string_view line) {
    const std::string_view address = next_word(line);
    const std::string_view type = next_word(line);
    const std::string_view name = next_word(line);
    std::uint64_t value = 0;
    const auto [rest, status] =
        std::from_chars(address.data(), address.data() + address.size(), value, 16);
    const bool is_function = type == "t" || type == "T" || type == "w" || type == "W";
    if (status != std::errc{} || rest != address.data() + address.size() || value == 0 ||
        !is_function || name.empty()) {
        return std::nullopt;
    }
    return Symbol{value, std::string(name)};
}

ordered_json used_symbols(const SymbolTable& table, bool of_kernel,
                          const std::vector<rmvisor_trace_record>& records) {
    std::map<std::uint64_t, std::string> used;
    for (const rmvisor_trace_record& record : records) {
        if (has_instruction(record) && (record.vm == 0) == of_kernel) {
            if (const Symbol* symbol = table.find(instruction_address(record))) {
                used[symbol->address] = symbol->name;
            }
        }
    }
    ordered_json list = ordered_json::array();
    for (const auto& [address, name] : used) {
        list.push_back({address, name});
    }
    return list;
}

std::vector<Symbol> symbols_from(const ordered_json& list) {
    std::vector<Symbol> symbols;
    for (const ordered_json& pair : list) {
        // Refused unless it is a whole number of 64 bits: get<> would convert any number.
        symbols.push_back({pair.at(0).get_ref<const ordered_json::number_unsigned_t&>(),
                           pair.at(1).get<std::string>()});
    }
    return symbols;
}

// Files from before guests had names have none.
VmNames names_from(const ordered_json& lists) {
    VmNames names;
    if (!lists.contains("names")) {
        return names;
    }
    for (const Symbol& pair : symbols_from(lists.at("names"))) {
        names[static_cast<std::uint32_t>(pair.address)] = pair.name;
    }
    return names;
}

}  // namespace

SymbolTable::SymbolTable(std::vector<Symbol> symbols, std::uint64_t reach)
    : symbols_(std::move(symbols)), reach_(reach) {
    std::ranges::sort(symbols_, [](const Symbol& left, const Symbol& right) {
        return std::tie(left.address, left.name) < std::tie(right.address, right.name);
    });
    const auto have_one_address = [](const Symbol& one, const Symbol& other) {
        return one.address == other.address;
    };
    symbols_.erase(std::unique(symbols_.begin(), symbols_.end(), have_one_address), symbols_.end());
}

const Symbol* SymbolTable::find(std::uint64_t address) const {
    const auto next = std::ranges::upper_bound(symbols_, address, {}, &Symbol::address);
    if (next == symbols_.begin()) {
        return nullptr;
    }
    const Symbol& symbol = *std::prev(next);
    return address - symbol.address < reach_ ? &symbol : nullptr;
}

std::optional<std::uint64_t> SymbolTable::address_of(std::string_view name) const {
    const auto symbol = std::ranges::find(symbols_, name, &Symbol::name);
    return symbol == symbols_.end() ? std::nullopt : std::optional{symbol->address};
}

std::string SymbolTable::describe(std::uint64_t address) const {
    const Symbol* symbol = find(address);
    if (symbol == nullptr) {
        return {};
    }
    return symbol->address == address
               ? symbol->name
               : fmt::format("{}+{:#x}", symbol->name, address - symbol->address);
}

std::vector<Symbol> parse_kallsyms(std::string_view text) {
    std::vector<Symbol> symbols;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (auto symbol = parse_kallsyms_line(text.substr(0, end))) {
            symbols.push_back(*std::move(symbol));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return symbols;
}

SymbolTable read_kernel_symbols() {
    const auto text = read_file("/proc/kallsyms");
    if (!text) {
        return {};
    }
    return {parse_kallsyms({reinterpret_cast<const char*>(text->data()), text->size()}),
            kernel_symbol_reach};
}

SymbolTable symbols_of(const Image& image) {
    std::vector<Symbol> symbols;
    for (const ImageSymbol& symbol : image.symbols) {
        symbols.push_back({symbol.address, symbol.name});
    }
    return {std::move(symbols), guest_symbol_reach};
}

std::string TraceSymbols::describe(const rmvisor_trace_record& record) const {
    if (!has_instruction(record)) {
        return {};
    }
    return (record.vm == 0 ? kernel : guest).describe(instruction_address(record));
}

std::string encode_symbols(const TraceSymbols& symbols,
                           const std::vector<rmvisor_trace_record>& records) {
    const ordered_json kernel = used_symbols(symbols.kernel, true, records);
    const ordered_json guest = used_symbols(symbols.guest, false, records);
    if (kernel.empty() && guest.empty() && symbols.names.empty()) {
        return {};
    }
    ordered_json lists{{"linux", kernel}, {"guest", guest}};
    for (const auto& [vm, name] : symbols.names) {
        lists["names"].push_back({vm, name});
    }
    return lists.dump();
}

Result<TraceSymbols> decode_symbols(std::string_view text) {
    if (text.empty()) {
        return TraceSymbols{};
    }
    try {
        const ordered_json lists = ordered_json::parse(text);
        return TraceSymbols{{symbols_from(lists.at("linux")), kernel_symbol_reach},
                            {symbols_from(lists.at("guest")), guest_symbol_reach},
                            names_from(lists)};
    } catch (const ordered_json::exception& wrong) {
        return Error{fmt::format("its symbols are damaged: {}", wrong.what()), {}};
    }
}

}  // namespace rmguest
