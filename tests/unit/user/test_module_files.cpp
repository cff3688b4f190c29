// SPDX-License-Identifier: GPL-2.0-only
//
// What rmguest makes of debugfs status and stats_raw.
#include <gtest/gtest.h>

#include <cstring>

#include "lib/guest_list.hpp"
#include "lib/module_stats.hpp"
#include "lib/module_status.hpp"

namespace rmguest {
namespace {

constexpr const char* status_text =
    "cpu0: linux owner linux launch_ticks 700 stops 0\n"
    "cpu1: parked owner vm12/3 (x(7)) pid 99 launch_ticks 701 stops 5\n"
    "cpu1: nmi_in_window 7\n"
    "cpu2: native owner linux, being taken launch_ticks 0\n"
    "cpu3: broken owner linux launch_ticks 1\n"
    "cpu3: fault: VM entry failed\n"
    "something new\n";

TEST(ModuleStatus, EveryCpuHasStateOwnerAndCounters) {
    const auto cpus = parse_status(status_text);
    ASSERT_EQ(cpus.size(), 4u);
    EXPECT_EQ(cpus[0].state, "linux");
    EXPECT_EQ(cpus[0].owner, "linux");
    EXPECT_FALSE(cpus[0].vm);
    EXPECT_EQ(cpus[1].vm, 12u);
    EXPECT_EQ(cpus[1].vcpu, 3u);
    EXPECT_EQ(cpus[1].owner, "vm12/3");
    EXPECT_EQ(cpus[1].name, "x(7)");
    EXPECT_EQ(cpus[1].pid, 99u);
    ASSERT_EQ(cpus[1].counters.size(), 2u);
    EXPECT_EQ(cpus[1].counters[1].first, "stops");
    EXPECT_EQ(cpus[1].counters[1].second, 5u);
    EXPECT_EQ(cpus[2].owner, "linux, being taken");
    EXPECT_EQ(cpus[3].fault, "VM entry failed");
}

TEST(ModuleStatus, NonsenseGivesNothingAndHarmsNobody) {
    EXPECT_TRUE(parse_status("").empty());
    EXPECT_TRUE(parse_status("cpu\ncpux: a\n\n:::\n").empty());
    EXPECT_EQ(parse_status("cpu1:\n").at(0).state, "unknown");
}

std::vector<std::uint8_t> raw_stats(std::uint64_t io, std::uint64_t cpuid) {
    std::vector<std::uint8_t> bytes(sizeof(rmvisor_stats));
    auto* stats = reinterpret_cast<rmvisor_stats*>(bytes.data());
    stats->version = RMVISOR_STATS_VERSION;
    stats->reasons = RMVISOR_STATS_REASONS;
    stats->buckets = RMVISOR_STATS_BUCKETS;
    stats->cpu = 1;
    stats->linux_exits[10].count = cpuid;
    stats->guest_exits[30].count = io;
    stats->guest_exits[30].ticks = io * 100;
    stats->guest_exits[30].histogram[2] = io;
    return bytes;
}

TEST(ModuleStats, OnlyWhatCountsIsARow) {
    const auto stats = parse_stats(raw_stats(4, 2), "stats");
    ASSERT_TRUE(stats.ok());
    ASSERT_EQ(stats->rows.size(), 2u);
    EXPECT_EQ(count_guest_exits(*stats, 1), 4u);
    EXPECT_EQ(count_guest_exits(*stats, 0), 0u);
    EXPECT_EQ(exit_reason_name(30), "I/O instruction");
}

TEST(ModuleStats, AnotherVersionOrSizeIsRefused) {
    auto bytes = raw_stats(1, 1);
    bytes.pop_back();
    EXPECT_FALSE(parse_stats(bytes, "stats").ok());
    EXPECT_FALSE(parse_stats({}, "stats").ok());
    bytes = raw_stats(1, 1);
    bytes[0] = RMVISOR_STATS_VERSION + 1;
    EXPECT_FALSE(parse_stats(bytes, "stats").ok());
}

TEST(ModuleStats, TheTextHasCounts) {
    const Stats stats = parse_stats_text(
        "# cpu reason name    linux   guest\n"
        "    1     30 I/O instruction                           3              44\n"
        "    1     10 CPUID                                     7               0\n"
        "    2     12 HLT                                       1               2\n"
        "    1     48 EPT violation    5    6 | linux mean 70 <128:5 | guest mean 900 <1024:6\n"
        "nonsense\n\n    1\n",
        1);
    ASSERT_EQ(stats.rows.size(), 5u);
    EXPECT_EQ(stats.rows[0].entry.count, 3u);
    EXPECT_EQ(stats.rows[1].entry.count, 44u);
    EXPECT_EQ(stats.rows[2].entry.count, 7u);
    EXPECT_EQ(stats.rows[3].entry.count, 5u);
    EXPECT_EQ(stats.rows[4].entry.count, 6u);
    EXPECT_EQ(count_guest_exits(stats, 1), 50u);
}

TEST(ModuleStats, DifferenceLeavesAwayWhatStayed) {
    const Stats before = *parse_stats(raw_stats(4, 2), "stats");
    const Stats now = *parse_stats(raw_stats(10, 2), "stats");
    const Stats grown = difference(before, now);
    ASSERT_EQ(grown.rows.size(), 1u);
    EXPECT_EQ(grown.rows[0].entry.count, 6u);
    EXPECT_EQ(grown.rows[0].entry.ticks, 600u);
    EXPECT_EQ(grown.rows[0].entry.histogram[2], 6u);
    // The counters began anew.
    EXPECT_EQ(difference(now, before).rows.at(0).entry.count, 4u);
}

TEST(GuestList, JoinsAnswersWithWhatTheModuleTells) {
    const ModuleView view{parse_status(status_text), *parse_stats(raw_stats(10, 2), "stats"), {}};
    const std::vector<nlohmann::ordered_json> answers{
        {{"name", "one"},
         {"vm", 12},
         {"vcpus", {{{"id", 3}, {"state", "running"}, {"cpu", 1}, {"exits_before", 4}}}}}};
    const auto guests = list_guests(answers, view);
    ASSERT_EQ(guests.size(), 1u);
    EXPECT_EQ(guests[0]["vcpus"][0]["state"], "in rmguest");
    EXPECT_EQ(guests[0]["vcpus"][0]["exits"], 6);
    EXPECT_FALSE(guests[0]["vcpus"][0].contains("exits_before"));
    const auto others = list_guests({}, view);
    ASSERT_EQ(others.size(), 1u);
    EXPECT_EQ(others[0]["name"], "x(7)");
    EXPECT_EQ(others[0]["pid"], 99);
}

}  // namespace
}  // namespace rmguest
