// SPDX-License-Identifier: GPL-2.0-only
//
// Commands about memory. Addresses go through the guest's page tables, where it has some.
#include <fmt/core.h>

#include <algorithm>

#include "lib/emulator/fetch.hpp"
#include "monitor.hpp"
#include "register_access.hpp"

namespace rmguest {
namespace {

constexpr std::uint64_t line_bytes = 16;
constexpr std::uint64_t default_dump = 0x80, longest_dump = 0x10000;
constexpr std::uint64_t default_instructions = 10, most_instructions = 1000;
constexpr std::uint64_t longest_search = 0x1000'0000;
constexpr std::size_t most_matches = 32;

// Where CS reaches it, by CS; flat elsewhere.
std::string code_place(const VcpuState& state, std::uint64_t linear) {
    const std::uint64_t offset = linear - state.system.cs.base;
    if (code_size(state) == CodeSize::bits16 && offset <= 0xffff) {
        return fmt::format("{:04x}:{:04x}", state.system.cs.selector, offset);
    }
    return fmt::format("{:08x}", linear);
}

std::string hex_bytes(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
    }
    return text;
}

std::string dump_line(std::uint64_t linear, std::span<const std::uint8_t> bytes) {
    std::string characters;
    for (const std::uint8_t byte : bytes) {
        characters += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    }
    return fmt::format("  {:08x}  {:<47}  {}\n", linear, hex_bytes(bytes), characters);
}

Error not_there(std::uint64_t linear) {
    return {fmt::format("there is no memory at {:#x}", linear),
            "it is not mapped, or outside of the guest's memory"};
}

// Hexadecimal bytes and "texts", joined.
Result<std::vector<std::uint8_t>> parse_bytes(const Monitor::Words& words, std::size_t first,
                                              const Names& names) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t index = first; index < words.size(); ++index) {
        const std::string& word = words[index];
        if (word.front() == '"') {
            bytes.insert(bytes.end(), word.begin() + 1, word.end() - 1);
            continue;
        }
        const auto value = evaluate(word, names);
        if (!value) {
            return value.error();
        }
        if (*value > 0xff) {
            return Error{fmt::format("{:x} is no byte", *value), "give 0 to ff, or \"text\""};
        }
        bytes.push_back(static_cast<std::uint8_t>(*value));
    }
    return bytes;
}

}  // namespace

std::string Monitor::show_instruction(const VcpuState& state, std::uint64_t linear,
                                      std::size_t& length) {
    CodeBytes code{};
    code.count = peek(state, target_.bus(), linear, code.bytes);
    const std::string name = target_.symbols().describe(linear);
    const std::string place =
        "  " + code_place(state, linear) + (name.empty() ? "" : " <" + name + ">");
    if (code.count == 0) {
        length = 0;
        return place + "  outside of the guest's memory\n";
    }
    const std::uint64_t offset =
        code_size(state) == CodeSize::bits64 ? linear : linear - state.system.cs.base;
    const auto instruction = disassemble(code.span(), code_size(state), offset);
    length = instruction ? instruction->length : 1;
    return fmt::format("{}  {:<20}  {}\n", place, hex_bytes(code.span().first(length)),
                       instruction ? instruction->text : "(no instruction)");
}

Result<std::string> Monitor::disassemble_some(const Words& words) {
    const auto state = target_.state(vcpu_);
    if (!state) {
        return state.error();
    }
    const std::uint64_t here = code_address(*state, state->registers.rip);
    const auto start =
        words.empty() ? Result<std::uint64_t>(next_code_.value_or(here)) : address(words[0]);
    const auto count =
        words.size() < 2 ? Result<std::uint64_t>(default_instructions) : number(words[1]);
    if (!start || !count) {
        return start ? count.error() : start.error();
    }
    std::string text;
    std::uint64_t linear = *start;
    for (std::uint64_t done = 0; done < std::min(*count, most_instructions); ++done) {
        std::size_t length = 0;
        std::string line = show_instruction(*state, linear, length);
        line[0] = linear == here ? '>' : target_.breakpoints().stops_at(linear) ? '*' : ' ';
        text += line;
        if (length == 0) {
            break;
        }
        linear += length;
    }
    next_code_ = linear;
    return text;
}

Result<std::string> Monitor::dump(const Words& words) {
    const auto state = target_.state(vcpu_);
    if (!state) {
        return state.error();
    }
    const auto start =
        words.empty()
            ? Result<std::uint64_t>(next_data_.value_or(address_in(*state, state->system.ds, 0)))
            : address(words[0]);
    const auto length = words.size() < 2 ? Result<std::uint64_t>(default_dump) : number(words[1]);
    if (!start || !length) {
        return start ? length.error() : start.error();
    }
    std::vector<std::uint8_t> bytes(std::min(*length, longest_dump));
    bytes.resize(peek(*state, target_.bus(), *start, bytes));
    if (bytes.empty() && *length != 0) {
        return not_there(*start);
    }
    std::string text;
    for (std::uint64_t at = 0; at < bytes.size(); at += line_bytes) {
        const std::size_t count = std::min<std::size_t>(line_bytes, bytes.size() - at);
        text += dump_line(*start + at, std::span(bytes).subspan(at, count));
    }
    next_data_ = *start + bytes.size();
    return text;
}

Result<std::string> Monitor::search(const Words& words) {
    const auto state = target_.state(vcpu_);
    if (!state) {
        return state.error();
    }
    const auto start = address(words[0]);
    const auto length = number(words[1]);
    const auto wanted = parse_bytes(words, 2, {*state, target_.symbols()});
    if (!start || !length || !wanted) {
        return !start ? start.error() : !length ? length.error() : wanted.error();
    }
    if (wanted->empty()) {
        return Error{"there is nothing to search for", "give a byte, or some text"};
    }
    std::vector<std::uint8_t> bytes(std::min(*length, longest_search));
    bytes.resize(peek(*state, target_.bus(), *start, bytes));
    if (bytes.empty()) {
        return not_there(*start);
    }
    std::string text;
    std::size_t matches = 0;
    auto at = bytes.begin();
    while ((at = std::search(at, bytes.end(), wanted->begin(), wanted->end())) != bytes.end()) {
        if (++matches > most_matches) {
            text += "  and more\n";
            break;
        }
        const auto offset = static_cast<std::size_t>(at - bytes.begin());
        const std::size_t count = std::min<std::size_t>(line_bytes, bytes.size() - offset);
        text += dump_line(*start + offset, std::span(bytes).subspan(offset, count));
        ++at;
    }
    return matches == 0 ? std::string("not found\n") : text;
}

Result<std::string> Monitor::edit(const Words& words) {
    const auto state = target_.state(vcpu_);
    if (!state) {
        return state.error();
    }
    const auto start = address(words[0]);
    const auto bytes = parse_bytes(words, 1, {*state, target_.symbols()});
    if (!start || !bytes) {
        return start ? bytes.error() : start.error();
    }
    // All of it, or nothing.
    std::vector<std::uint8_t> old(bytes->size());
    const std::size_t there = peek(*state, target_.bus(), *start, old);
    if (there < bytes->size()) {
        return not_there(*start + there);
    }
    (void)poke(*state, target_.bus(), *start, *bytes);
    return fmt::format("{} byte{} at {:#x}\n", bytes->size(), bytes->size() == 1 ? "" : "s",
                       *start);
}

Result<std::string> Monitor::show_stack(const Words& words) {
    const auto state = target_.state(vcpu_);
    if (!state) {
        return state.error();
    }
    const auto count = words.empty() ? Result<std::uint64_t>(8) : number(words[0]);
    if (!count) {
        return count.error();
    }
    const CodeSize size = stack_size(*state);
    const std::uint64_t width = size == CodeSize::bits64 ? 8 : size == CodeSize::bits32 ? 4 : 2;
    const std::uint64_t mask = size == CodeSize::bits16 ? 0xffff : ~std::uint64_t{0};
    std::string text;
    for (std::uint64_t index = 0; index < std::min(*count, longest_dump / width); ++index) {
        const std::uint64_t offset = (state->registers.rsp + index * width) & mask;
        std::uint64_t value = 0;
        std::array<std::uint8_t, 8> bytes{};
        const std::uint64_t linear = address_in(*state, state->system.ss, offset);
        if (peek(*state, target_.bus(), linear, std::span(bytes).first(width)) < width) {
            text += fmt::format("  {:04x}:{:04x}  outside of the guest's memory\n",
                                state->system.ss.selector, offset);
            break;
        }
        for (std::uint64_t byte = width; byte-- > 0;) {
            value = value << 8 | bytes[byte];
        }
        text += fmt::format("  {:04x}:{:04x}  {:0{}x}\n", state->system.ss.selector, offset, value,
                            static_cast<int>(width * 2));
    }
    return text;
}

}  // namespace rmguest
