// SPDX-License-Identifier: GPL-2.0-only
#include "list_print.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include "lib/table.hpp"
#include "message.hpp"

namespace rmguest {
namespace {

using nlohmann::ordered_json;

std::string cell(const ordered_json& object, const char* key) {
    if (!object.contains(key) || object[key].is_null()) {
        return "-";
    }
    return object[key].is_string() ? object[key].get<std::string>() : object[key].dump();
}

std::string memory_cell(const ordered_json& guest) {
    return guest.contains("memory")
               ? fmt::format("{}K", guest["memory"].get<std::uint64_t>() / 1024)
               : "-";
}

// Seconds since its start, of those that --timeout gives it.
std::string time_cell(const ordered_json& guest) {
    if (!guest.contains("seconds")) {
        return "-";
    }
    std::string text = fmt::format("{:.0f}s", guest["seconds"].get<double>());
    if (guest.contains("timeout")) {
        text += fmt::format("/{:g}s", guest["timeout"].get<double>());
    }
    return text;
}

void print_lines(const Table& table) {
    const bool colour = wants_colour(STDOUT_FILENO);
    bool is_header = true;
    for (const std::string& line : table.lines()) {
        fmt::print("{}{}{}\n", is_header && colour ? "\x1b[1m" : "", line,
                   is_header && colour ? "\x1b[0m" : "");
        is_header = false;
    }
}

}  // namespace

void print_guests(const ordered_json& guests) {
    Table table({{"NAME"},
                 {"PID", Align::right},
                 {"VM", Align::right},
                 {"VCPU", Align::right},
                 {"CPU", Align::right},
                 {"STATE"},
                 {"MEMORY", Align::right},
                 {"TIME", Align::right},
                 {"EXITS", Align::right},
                 {"TO-USER", Align::right},
                 {"IMAGE"}});
    for (const ordered_json& guest : guests) {
        if (guest.contains("error")) {
            table.add_row(
                {cell(guest, "name"), "-", "-", "-", "-", "no answer", "-", "-", "-", "-", "-"});
            continue;
        }
        for (const ordered_json& vcpu : guest.value("vcpus", ordered_json::array())) {
            table.add_row({cell(guest, "name"), cell(guest, "pid"), cell(guest, "vm"),
                           cell(vcpu, "id"), cell(vcpu, "cpu"), cell(vcpu, "state"),
                           memory_cell(guest), time_cell(guest), cell(vcpu, "exits"),
                           cell(vcpu, "user_exits"), cell(guest, "image")});
        }
    }
    print_lines(table);
}

void print_cpus(const ordered_json& cpus) {
    Table table({{"CPU", Align::right},
                 {"STATE"},
                 {"OWNER"},
                 {"LINUX-EXITS", Align::right},
                 {"GUEST-EXITS", Align::right},
                 {"STOPS", Align::right},
                 {"NMIS", Align::right},
                 {"FAULT"}});
    for (const ordered_json& cpu : cpus) {
        const ordered_json counters = cpu.value("counters", ordered_json::object());
        table.add_row({cell(cpu, "cpu"), cell(cpu, "state"), cell(cpu, "owner"),
                       cell(cpu, "linux_exits"), cell(cpu, "guest_exits"), cell(counters, "stops"),
                       cell(counters, "nmi_in_root"), cell(cpu, "fault")});
    }
    print_lines(table);
}

}  // namespace rmguest
