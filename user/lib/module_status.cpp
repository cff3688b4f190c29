// SPDX-License-Identifier: GPL-2.0-only
#include "module_status.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <sstream>

#include "read_file.hpp"
#include "trace_source.hpp"

namespace rmguest {
namespace {

std::optional<std::uint64_t> number_of(const std::string& word) {
    std::uint64_t value = 0;
    const char* end = word.data() + word.size();
    const auto [rest, status] = std::from_chars(word.data(), end, value);
    return status == std::errc{} && rest == end ? std::optional{value} : std::nullopt;
}

// "cpu12: rest", or nothing.
std::optional<std::uint32_t> take_cpu(std::string& line) {
    unsigned cpu = 0;
    int length = 0;
    if (std::sscanf(line.c_str(), "cpu%u:%n", &cpu, &length) != 1 || length == 0) {
        return std::nullopt;
    }
    line.erase(0, static_cast<std::size_t>(length));
    return cpu;
}

void take_owner(CpuStatus& status, const std::string& word) {
    if (word.starts_with('(') && word.ends_with(')')) {
        status.name = word.substr(1, word.size() - 2);
        return;
    }
    status.owner += (status.owner.empty() ? "" : " ") + word;
    unsigned vm = 0;
    unsigned vcpu = 0;
    if (std::sscanf(word.c_str(), "vm%u/%u", &vm, &vcpu) == 2) {
        status.vm = vm;
        status.vcpu = vcpu;
    }
}

// STATE owner WORDS NAME NUMBER NAME NUMBER ...: the owner ends where a name and a number follow.
CpuStatus parse_line(std::uint32_t cpu, const std::string& line) {
    std::istringstream stream(line);
    const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
    CpuStatus status;
    status.cpu = cpu;
    status.state = words.empty() ? "unknown" : words.front();
    for (std::size_t index = 1; index < words.size(); ++index) {
        const auto value =
            index + 1 < words.size() ? number_of(words[index + 1]) : std::optional<std::uint64_t>{};
        if (value) {
            status.counters.emplace_back(words[index], *value);
            ++index;
        } else if (words[index] != "owner" && status.counters.empty()) {
            take_owner(status, words[index]);
        }
    }
    const auto pid =
        std::ranges::find(status.counters, "pid", &std::pair<std::string, std::uint64_t>::first);
    if (pid != status.counters.end()) {
        status.pid = static_cast<std::uint32_t>(pid->second);
        status.counters.erase(pid);
    }
    return status;
}

}  // namespace

std::vector<CpuStatus> parse_status(const std::string& text) {
    std::vector<CpuStatus> all;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto cpu = take_cpu(line);
        if (!cpu) {
            continue;
        }
        constexpr std::string_view fault = " fault: ";
        const bool is_fault = line.starts_with(fault);
        constexpr std::string_view smi = " smi ";
        const bool is_smi = line.starts_with(smi);
        if (is_smi && !all.empty() && all.back().cpu == *cpu) {
            const CpuStatus more = parse_line(*cpu, line);
            all.back().counters.insert(all.back().counters.end(), more.counters.begin(),
                                       more.counters.end());
        } else if (is_fault && !all.empty() && all.back().cpu == *cpu) {
            all.back().fault = line.substr(fault.size());
        } else if (!is_fault && (all.empty() || all.back().cpu != *cpu)) {
            all.push_back(parse_line(*cpu, line));
        }
    }
    return all;
}

Result<std::vector<CpuStatus>> read_status(const std::string& debugfs) {
    // For the message that says what is missing.
    if (const auto cpus = traced_cpus(debugfs); !cpus) {
        return cpus.error();
    }
    const auto bytes = read_file(debugfs + "/status");
    if (!bytes) {
        return bytes.error();
    }
    return parse_status(std::string(bytes->begin(), bytes->end()));
}

}  // namespace rmguest
