// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/core.h>
#include <sys/resource.h>

#include "lib/cpu_list.hpp"
#include "machine_checks.hpp"

namespace rmguest::doctor {
namespace {

constexpr const char* cpu_folder = "/sys/devices/system/cpu";
constexpr std::uint64_t smallest_useful_limit = 2u << 20;  // a guest's default memory and more

}  // namespace

Findings check_hotplug(const Subject& subject) {
    std::vector<std::uint32_t> can_go;
    for (const CpuFacts& cpu : subject.cpus) {
        if (cpu.number != 0 &&
            subject.files.exists(fmt::format("{}/cpu{}/online", cpu_folder, cpu.number))) {
            can_go.push_back(cpu.number);
        }
    }
    if (can_go.empty()) {
        return {{Verdict::warning, "dedicated CPUs",
                 "no CPU can be taken from Linux, so no guest can run: it needs one besides the "
                 "boot CPU, and a kernel with CPU hotplug",
                 "use a machine with two CPUs or more"}};
    }
    return {{Verdict::ok, "dedicated CPUs",
             "Linux can give these to guests: " + format_cpu_list(can_go)}};
}

Findings check_isolation(const Subject& subject) {
    const std::string isolated = subject.files.read_word(fmt::format("{}/isolated", cpu_folder));
    const std::string tickless = subject.files.read_word(fmt::format("{}/nohz_full", cpu_folder));
    if (isolated.empty() && (tickless.empty() || tickless == "(null)")) {
        return {{Verdict::note,
                 "isolation",
                 "no CPU is isolated, which a guest does not need: Linux leaves its CPU altogether",
                 {}}};
    }
    return {{Verdict::note, "isolation",
             fmt::format("isolated: {}; nohz_full: {}", isolated.empty() ? "none" : isolated,
                         tickless.empty() ? "none" : tickless),
             "give these to guests with rmguest run --cpu, or what ran there moves elsewhere"}};
}

Findings check_locked_memory(const Subject& subject) {
    rlimit limit{};
    if (!subject.files.is_this_machine() || ::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) {
        return {};
    }
    if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < smallest_useful_limit) {
        return {{Verdict::warning, "locked memory",
                 fmt::format("the limit is {} KiB, and a guest's memory stays pinned",
                             limit.rlim_cur / 1024),
                 "ulimit -l unlimited, before rmguest run"}};
    }
    return {{Verdict::ok, "locked memory",
             limit.rlim_cur == RLIM_INFINITY
                 ? std::string("no limit")
                 : fmt::format("up to {} MiB for guests", limit.rlim_cur >> 20)}};
}

}  // namespace rmguest::doctor
