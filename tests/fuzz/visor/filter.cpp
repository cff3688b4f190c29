// SPDX-License-Identifier: GPL-2.0-only
// A text as a filter of the trace, and records: what the parser makes of it is a program that root
// takes, and means what the text says.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "input.hpp"
#include "shim/filter.h"
#include "targets.hpp"
#include "vmx/trace_filter.hpp"

namespace fuzz {
namespace {

struct Filter {
    bool good;
    filter_program program;
    filter_error error;
    rmv::TraceFilter loaded;
};

std::unique_ptr<Filter> compile(const std::string& text) {
    const auto tree = std::make_unique<filter_tree>();
    auto filter = std::make_unique<Filter>();
    filter->good = filter_compile(text.c_str(), tree.get(), &filter->program, &filter->error) == 0;
    if (filter->good) {
        EXPECT_TRUE(filter->loaded.load(filter->program.steps, filter->program.count)) << text;
    }
    return filter;
}

// Fields that are likely to be those of the text: small, or a byte again and again.
rmvisor_trace_record take_record(Input& input) {
    rmvisor_trace_record record = input.take<rmvisor_trace_record>();
    if (input.flip()) record.type = RMVISOR_TRACE_EXIT;
    if (input.flip()) record.reason &= 0x3f;
    return record;
}

// Twice the text, or turned around: as long as there is room for it, the same filter.
void expect_same(const std::string& text, const rmvisor_trace_record& record, bool accepted) {
    const auto turned = compile("!(" + text + ")");
    const auto twice = compile("(" + text + ") && (" + text + ")");
    if (turned->good && turned->program.count != 0) {
        EXPECT_NE(turned->loaded.accepts(record), accepted) << text;
    }
    if (twice->good && twice->program.count != 0) {
        EXPECT_EQ(twice->loaded.accepts(record), accepted) << text;
    }
}

}  // namespace

void filter(std::span<const std::uint8_t> bytes) {
    Input input{bytes};
    std::string text(input.pick(256), '\0');
    input.take_bytes(text.data(), text.size());
    constexpr const char ends[] = {'\0', '\n'};
    text.resize(std::min(text.find_first_of(ends, 0, sizeof(ends)), text.size()));
    const auto one = compile(text);
    if (!one->good) {
        EXPECT_NE(one->error.what, nullptr) << text;
        EXPECT_LE(one->error.position, text.size()) << text;
        return;
    }
    EXPECT_LE(one->program.count, RMV_FILTER_STEPS);
    for (unsigned i = 0; i < 4; ++i) {
        const rmvisor_trace_record record = take_record(input);
        const bool accepted = one->loaded.accepts(record);
        if (one->program.count != 0) {
            expect_same(text, record, accepted);
        } else {
            EXPECT_TRUE(accepted) << text;
        }
    }
}

}  // namespace fuzz
