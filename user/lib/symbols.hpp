// SPDX-License-Identifier: GPL-2.0-only
//
// Names for addresses: of the running kernel, and of a guest's ELF image.
#pragma once

#include <linux/rmvisor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"
#include "image.hpp"
#include "vm_names.hpp"

namespace rmguest {

class SymbolTable {
public:
    struct Symbol {
        std::uint64_t address;
        std::string name;
    };

    SymbolTable() = default;
    // No symbol reaches further than `reach` bytes.
    SymbolTable(std::vector<Symbol> symbols, std::uint64_t reach);

    // The last symbol at or below the address; of several at one address, the first by name.
    [[nodiscard]] const Symbol* find(std::uint64_t address) const;
    // "name+0x12", "name" at its very start, or "".
    [[nodiscard]] std::string describe(std::uint64_t address) const;
    [[nodiscard]] bool is_empty() const { return symbols_.empty(); }
    // Of the symbol with that name, the lowest.
    [[nodiscard]] std::optional<std::uint64_t> address_of(std::string_view name) const;

private:
    std::vector<Symbol> symbols_;
    std::uint64_t reach_ = 0;
};

constexpr std::uint64_t kernel_symbol_reach = 1u << 20;
constexpr std::uint64_t guest_symbol_reach = 1u << 16;

// Functions in the text of /proc/kallsyms; none where it hides the addresses, as it does from
// all but root.
[[nodiscard]] std::vector<SymbolTable::Symbol> parse_kallsyms(std::string_view text);
[[nodiscard]] SymbolTable read_kernel_symbols();

[[nodiscard]] SymbolTable symbols_of(const Image& image);

// What a trace is symbolised with.
struct TraceSymbols {
    SymbolTable kernel = {};
    SymbolTable guest = {};
    VmNames names = {};
    bool expects_names = false;  // names may be added while the records are shown

    [[nodiscard]] bool is_empty() const { return kernel.is_empty() && guest.is_empty(); }
    // "" where there is no name, or no place in a program.
    [[nodiscard]] std::string describe(const rmvisor_trace_record& record) const;
};

// Those that the records need, and all names of guests, as JSON text for a trace file; "" for none.
[[nodiscard]] std::string encode_symbols(const TraceSymbols& symbols,
                                         const std::vector<rmvisor_trace_record>& records);
[[nodiscard]] Result<TraceSymbols> decode_symbols(std::string_view text);

}  // namespace rmguest
