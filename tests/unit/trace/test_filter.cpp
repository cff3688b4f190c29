// SPDX-License-Identifier: GPL-2.0-only
// A filter from its text (the shim's parser) to what root keeps (TraceFilter).
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

#include "trace/shim.hpp"
#include "vmx/trace_filter.hpp"

namespace rmv {
namespace {

struct Compiled {
    bool good;
    filter_program program;
    filter_error error;
};

Compiled compile(const std::string& text) {
    auto tree = std::make_unique<filter_tree>();
    Compiled result{};
    result.good = filter_compile(text.c_str(), tree.get(), &result.program, &result.error) == 0;
    return result;
}

TraceRecord exit_record(u16 reason) {
    TraceRecord record{};
    record.type = RMVISOR_TRACE_EXIT;
    record.reason = reason;
    record.flags = RMVISOR_TRACE_F_REGS;
    return record;
}

TraceRecord io(u16 port) {
    TraceRecord record = exit_record(30);
    record.qualification = u64{port} << 16;
    return record;
}

TraceRecord msr(u16 reason, u32 number) {
    TraceRecord record = exit_record(reason);
    record.rcx = number;
    return record;
}

bool keeps(const std::string& text, const TraceRecord& record) {
    const Compiled compiled = compile(text);
    EXPECT_TRUE(compiled.good) << text << ": " << compiled.error.position << ' '
                               << (compiled.good ? "" : compiled.error.what);
    TraceFilter filter;
    EXPECT_TRUE(filter.load(compiled.program.steps, compiled.program.count)) << text;
    return filter.accepts(record);
}

TEST(Filter, NothingAcceptsEverything) {
    for (const char* text : {"", "0", "none", " none \n", "\n"}) {
        EXPECT_EQ(compile(text).program.count, 0u) << text;
        EXPECT_TRUE(keeps(text, exit_record(10))) << text;
    }
}

TEST(Filter, ReasonsByNameAndNumber) {
    EXPECT_TRUE(keeps("reason == cpuid", exit_record(10)));
    EXPECT_FALSE(keeps("reason == cpuid", exit_record(12)));
    EXPECT_TRUE(keeps("reason == 10", exit_record(10)));
    EXPECT_TRUE(keeps("reason == IO_Instruction", exit_record(30)));
    EXPECT_TRUE(keeps("reason == wbinvd_or_wbnoinvd", exit_record(54)));
    EXPECT_TRUE(keeps("reason == start_up_ipi", exit_record(4)));
    EXPECT_TRUE(keeps("reason == vm_entry_failure_due_to_msr_loading", exit_record(34)));
    TraceRecord park{};
    park.type = RMVISOR_TRACE_PARK;
    EXPECT_FALSE(keeps("reason != cpuid", park)) << "it has no reason";
    EXPECT_TRUE(keeps("!(reason == cpuid)", park));
    EXPECT_TRUE(keeps("type == park || reason == hlt", park));
}

TEST(Filter, PortsAndMsrsAreOfTheirExitsOnly) {
    EXPECT_TRUE(keeps("port == 0x60", io(0x60)));
    EXPECT_FALSE(keeps("port == 0x60", io(0x61)));
    EXPECT_FALSE(keeps("port != 0x60", io(0x60)));
    EXPECT_FALSE(keeps("port != 0x60", exit_record(10)));
    EXPECT_TRUE(keeps("port == 0x3f8..0x3ff", io(0x3ff)));
    EXPECT_FALSE(keeps("port == 0x3f8..0x3ff", io(0x400)));
    EXPECT_TRUE(keeps("port != 0x3f8..0x3ff", io(0x400)));
    EXPECT_TRUE(keeps("msr == 0x1b", msr(31, 0x1b)));
    EXPECT_TRUE(keeps("msr == 0x1b", msr(32, 0x1b)));
    EXPECT_FALSE(keeps("msr == 0x1b", msr(10, 0x1b)));
    EXPECT_TRUE(keeps("msr >= 0xc0000080 && msr <= 0xc0000084", msr(32, 0xc0000081)));
}

TEST(Filter, CpusGuestsAndAddresses) {
    TraceRecord record = exit_record(48);
    record.cpu = 3;
    record.rip = 0x100;
    record.cs_base = 0x7c00;
    EXPECT_TRUE(keeps("cpu == 3", record));
    EXPECT_TRUE(keeps("vm == 0", record));
    EXPECT_FALSE(keeps("vcpu == 0", record)) << "Linux has no vCPU";
    EXPECT_TRUE(keeps("address == 0x7c00..0x7dff", record));
    EXPECT_FALSE(keeps("physical >= 0", record)) << "not valid in this record";
    record.flags |= RMVISOR_TRACE_F_PHYSICAL;
    record.guest_physical = 0xb8000;
    record.vm = 4;
    EXPECT_TRUE(keeps("physical == 0xb8000..0xb8fff && vm == 4 && vcpu == 0", record));
    EXPECT_TRUE(keeps("rip & 0x100", record));
    EXPECT_FALSE(keeps("rip & 0xff", record));
}

TEST(Filter, NumbersHaveAllOf64Bits) {
    TraceRecord record = exit_record(48);
    record.rip = ~u64{0};
    EXPECT_TRUE(keeps("rip == 0xffffffffffffffff", record));
    EXPECT_TRUE(keeps("rip == 18446744073709551615", record));
    EXPECT_FALSE(keeps("rip == 18446744073709551614", record));
}

TEST(Filter, AndBindsCloserThanOr) {
    EXPECT_TRUE(keeps("reason == 1 || reason == 2 && cpu == 9", exit_record(1)));
    EXPECT_FALSE(keeps("(reason == 1 || reason == 2) && cpu == 9", exit_record(1)));
    EXPECT_TRUE(keeps("!!(reason == 1)", exit_record(1)));
}

struct Bad {
    const char* text;
    u32 position;
    const char* what;
};

class BadFilter : public ::testing::TestWithParam<Bad> {};

TEST_P(BadFilter, IsRefusedWithThePlace) {
    const Compiled compiled = compile(GetParam().text);
    ASSERT_FALSE(compiled.good);
    EXPECT_EQ(compiled.error.position, GetParam().position);
    EXPECT_NE(std::string(compiled.error.what).find(GetParam().what), std::string::npos)
        << compiled.error.what;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadFilter,
    ::testing::Values(
        Bad{"reasn == 1", 0, "no such field"}, Bad{"reason = 1", 7, "=="},
        Bad{"reason == foo", 10, "no such name"}, Bad{"cpu == cpuid", 7, "a number is expected"},
        Bad{"cpu ==", 6, "a value is expected"}, Bad{"cpu == 1 &&", 11, "a field, ! or ("},
        Bad{"cpu == 1 cpu == 2", 9, "&&, || or the end"}, Bad{"(cpu == 1", 9, "), && or ||"},
        Bad{"cpu == 010", 7, "no number"}, Bad{"cpu == 0x", 7, "no number"},
        Bad{"cpu == 1a", 7, "no number"}, Bad{"cpu == 18446744073709551616", 7, "64 bits"},
        Bad{"cpu == 0x10000000000000000", 7, "64 bits"}, Bad{"cpu < 1..2", 7, "range"},
        Bad{"cpu == 5..2", 8, "ends before"}, Bad{"cpu == 1..", 10, "a value is expected"},
        Bad{"#", 0, "a field"}, Bad{"0 0", 0, "a field"},
        Bad{"((((((((((((((((( cpu == 1", 16, "nested"}));

std::string joined(const std::string& one, const char* with, unsigned times) {
    std::string text = one;
    for (unsigned i = 1; i < times; ++i) text += with + one;
    return text;
}

TEST(Filter, AsLongAsThereAreStepsAndNoLonger) {
    EXPECT_TRUE(compile(joined("cpu == 1", " || ", RMV_FILTER_STEPS)).good);
    EXPECT_FALSE(compile(joined("cpu == 1", " || ", RMV_FILTER_STEPS + 1)).good);
    EXPECT_FALSE(compile(joined("!!!!(cpu == 1)", " && ", RMV_FILTER_STEPS)).good);
    EXPECT_FALSE(keeps(joined("cpu == 1", " || ", RMV_FILTER_STEPS), exit_record(1)));
    EXPECT_TRUE(keeps(joined("cpu == 0", " && ", RMV_FILTER_STEPS), exit_record(1)));
}

// Against an evaluation of its own, over trees by chance.
struct Tree {
    std::string text;
    std::function<bool(const TraceRecord&)> keeps;
};

Tree random_tree(std::mt19937& random, unsigned depth) {
    const auto kind = random() % (depth == 0 ? 1 : 4);
    if (kind == 0) {
        const u16 value = random() % 4;
        const bool equal = random() % 2;
        return {std::string("cpu ") + (equal ? "== " : "< ") + std::to_string(value),
                [=](const TraceRecord& r) { return equal ? r.cpu == value : r.cpu < value; }};
    }
    const Tree left = random_tree(random, depth - 1);
    if (kind == 1)
        return {"!(" + left.text + ")", [=](const TraceRecord& r) { return !left.keeps(r); }};
    const Tree right = random_tree(random, depth - 1);
    if (kind == 2)
        return {"(" + left.text + ") && (" + right.text + ")",
                [=](const TraceRecord& r) { return left.keeps(r) && right.keeps(r); }};
    return {"(" + left.text + ") || (" + right.text + ")",
            [=](const TraceRecord& r) { return left.keeps(r) || right.keeps(r); }};
}

TEST(Filter, IsWhatItsTextMeans) {
    std::mt19937 random(1);
    for (unsigned i = 0; i < 2000; ++i) {
        const Tree tree = random_tree(random, 5);
        const Compiled compiled = compile(tree.text);
        ASSERT_TRUE(compiled.good) << tree.text;
        TraceFilter filter;
        ASSERT_TRUE(filter.load(compiled.program.steps, compiled.program.count));
        for (u16 cpu = 0; cpu < 4; ++cpu) {
            TraceRecord record = exit_record(1);
            record.cpu = cpu;
            ASSERT_EQ(filter.accepts(record), tree.keeps(record)) << tree.text << " cpu " << cpu;
        }
    }
}

TEST(Filter, AnyBytesAreAnsweredWithAPlaceInside) {
    std::mt19937 random(2);
    const std::string letters = "cpu==!&|()0x19..<> reason\tq#";
    for (unsigned i = 0; i < 20000; ++i) {
        std::string text;
        for (auto left = random() % 40; left > 0; --left)
            text += letters[random() % letters.size()];
        const Compiled compiled = compile(text);
        TraceFilter filter;
        if (compiled.good)
            ASSERT_TRUE(filter.load(compiled.program.steps, compiled.program.count)) << text;
        else
            ASSERT_LE(compiled.error.position, text.size()) << text;
    }
}

// What a broken Linux may ask for: root takes the former filter then.
TEST(FilterProgram, UnsoundOnesChangeNothing) {
    const rmv_filter_step good{
        RMV_FIELD_CPU, RMV_TEST_EQUAL, RMV_FILTER_ACCEPT, RMV_FILTER_REJECT, 0, 1};
    TraceFilter filter;
    ASSERT_TRUE(filter.load(&good, 1));
    const auto refuses = [&](auto change) {
        rmv_filter_step steps[2] = {good, good};
        change(steps);
        EXPECT_FALSE(filter.load(steps, 2));
        EXPECT_FALSE(filter.accepts(exit_record(1))) << "still: cpu == 1";
    };
    refuses([](rmv_filter_step* s) { s[0].field = RMV_FIELD_COUNT; });
    refuses([](rmv_filter_step* s) { s[0].test = RMV_TEST_COUNT; });
    refuses([](rmv_filter_step* s) { s[0].on_true = 0; });
    refuses([](rmv_filter_step* s) { s[1].on_false = 1; });
    refuses([](rmv_filter_step* s) { s[0].on_false = 2; });
    rmv_filter_step many[RMV_FILTER_STEPS + 1] = {};
    EXPECT_FALSE(filter.load(many, RMV_FILTER_STEPS + 1));
}

}  // namespace
}  // namespace rmv
