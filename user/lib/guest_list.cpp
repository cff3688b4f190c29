// SPDX-License-Identifier: GPL-2.0-only
#include "guest_list.hpp"

#include <algorithm>
#include <set>

namespace rmguest {
namespace {

using nlohmann::ordered_json;

const CpuStatus* find_cpu(const ModuleView& view, std::uint32_t cpu) {
    const auto found = std::ranges::find(view.cpus, cpu, &CpuStatus::cpu);
    return found == view.cpus.end() ? nullptr : &*found;
}

// A vCPU's own state and its CPU's: a parked CPU waits for rmguest unless the guest has halted.
std::string joined_state(const std::string& own, const CpuStatus* cpu) {
    if (own == "halted" || cpu == nullptr) {
        return own;
    }
    return cpu->state == "parked" ? "in rmguest" : cpu->state;
}

void join_vcpu(ordered_json& vcpu, const ModuleView& view) {
    if (!vcpu.contains("cpu")) {
        return;
    }
    const auto number = vcpu["cpu"].get<std::uint32_t>();
    vcpu["state"] =
        joined_state(vcpu.value("state", std::string("unknown")), find_cpu(view, number));
    if (view.stats && vcpu.contains("exits_before")) {
        const auto before = vcpu["exits_before"].get<std::uint64_t>();
        vcpu["exits"] = count_guest_exits(*view.stats, number) - before;
    }
    vcpu.erase("exits_before");
}

// Guests whose owner has no socket, by what the module says.
void add_other_guests(ordered_json& guests, const ModuleView& view,
                      const std::set<std::uint32_t>& known) {
    std::set<std::uint32_t> others;
    for (const CpuStatus& cpu : view.cpus) {
        if (cpu.vm && !known.contains(*cpu.vm)) {
            others.insert(*cpu.vm);
        }
    }
    for (const std::uint32_t vm : others) {
        ordered_json guest{{"name", nullptr}, {"vm", vm}, {"vcpus", ordered_json::array()}};
        for (const CpuStatus& cpu : view.cpus) {
            if (cpu.vm == vm) {
                if (!cpu.name.empty()) {
                    guest["name"] = cpu.name;
                }
                guest["vcpus"].push_back(
                    {{"id", cpu.vcpu.value_or(0)}, {"state", cpu.state}, {"cpu", cpu.cpu}});
                if (cpu.pid) {
                    guest["pid"] = *cpu.pid;
                }
            }
        }
        guests.push_back(std::move(guest));
    }
}

}  // namespace

ModuleView look_at_module(const std::string& debugfs) {
    auto cpus = read_status(debugfs);
    if (!cpus) {
        return {{}, {}, cpus.error()};
    }
    auto stats = read_stats(debugfs);
    return {*std::move(cpus), stats ? std::optional{*std::move(stats)} : std::nullopt, {}};
}

ordered_json list_guests(const std::vector<ordered_json>& answers, const ModuleView& view) {
    ordered_json guests = ordered_json::array();
    std::set<std::uint32_t> known;
    for (ordered_json guest : answers) {
        if (guest.contains("vm")) {
            known.insert(guest["vm"].get<std::uint32_t>());
        }
        if (guest.contains("vcpus")) {
            for (ordered_json& vcpu : guest["vcpus"]) {
                join_vcpu(vcpu, view);
            }
        }
        guests.push_back(std::move(guest));
    }
    add_other_guests(guests, view, known);
    return guests;
}

ordered_json list_cpus(const ModuleView& view) {
    ordered_json cpus = ordered_json::array();
    for (const CpuStatus& cpu : view.cpus) {
        ordered_json one{{"cpu", cpu.cpu}, {"state", cpu.state}, {"owner", cpu.owner}};
        for (const auto& [name, value] : cpu.counters) {
            one["counters"][name] = value;
        }
        std::uint64_t linux_exits = 0;
        if (view.stats) {
            for (const StatsRow& row : view.stats->rows) {
                linux_exits +=
                    row.cpu == cpu.cpu && row.whose == ExitsOf::linux_guest ? row.entry.count : 0;
            }
            one["linux_exits"] = linux_exits;
            one["guest_exits"] = count_guest_exits(*view.stats, cpu.cpu);
        }
        if (!cpu.fault.empty()) {
            one["fault"] = cpu.fault;
        }
        cpus.push_back(std::move(one));
    }
    return cpus;
}

}  // namespace rmguest
