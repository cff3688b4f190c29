// SPDX-License-Identifier: GPL-2.0-only
#include "lib/vm_names.hpp"

#include <gtest/gtest.h>

#include "lib/symbols.hpp"

namespace rmguest {
namespace {

TEST(VmNames, LinesOfTheModulesFile) {
    const VmNames names = parse_vm_names("vm3 hello\nvm12 a(b)c\n");
    EXPECT_EQ(names, (VmNames{{3, "hello"}, {12, "a(b)c"}}));
    EXPECT_EQ(parse_vm_names("vm3 first\nvm3 second"), (VmNames{{3, "second"}}));
    for (const char* line : {"", "vm3", "vm3 ", "vm hello", "vmx hello", "3 hello",
                             "vm99999999999 hello", "vm3x hello", "# vm3 hello"}) {
        EXPECT_TRUE(parse_vm_names(line).empty()) << line;
    }
}

TEST(VmNames, OfARecord) {
    const VmNames names{{0, "nonsense"}, {3, "hello"}};
    rmvisor_trace_record record{};
    EXPECT_EQ(name_of(names, record), "") << "Linux has none";
    record.vm = 3;
    EXPECT_EQ(name_of(names, record), "hello");
    record.vm = 4;
    EXPECT_EQ(name_of(names, record), "");
}

TEST(VmNames, AreFoundByNumberOrName) {
    const VmNames names{{3, "hello"}, {4, "other"}, {7, "hello"}, {8, "5"}};
    EXPECT_EQ(*find_vm(names, "0"), 0u);
    EXPECT_EQ(*find_vm(names, "3"), 3u);
    EXPECT_EQ(*find_vm(names, "5"), 5u) << "a number is a number";
    EXPECT_EQ(*find_vm(names, "hello"), 7u) << "the last one";
    EXPECT_FALSE(find_vm(names, "hell").ok());
    EXPECT_FALSE(find_vm(names, "-1").ok());
    EXPECT_FALSE(find_vm(names, "").ok());
}

TEST(VmNames, AreKeptInAFile) {
    TraceSymbols symbols;
    EXPECT_EQ(encode_symbols(symbols, {}), "");
    symbols.names = {{3, "hello"}, {4, "\"quoted\""}};
    const auto read = decode_symbols(encode_symbols(symbols, {}));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->names, symbols.names);
    EXPECT_TRUE(decode_symbols(R"({"linux":[],"guest":[]})")->names.empty());
    EXPECT_FALSE(decode_symbols(R"({"linux":[],"guest":[],"names":[[1,2]]})").ok());
    EXPECT_FALSE(decode_symbols(R"({"linux":[],"guest":[],"names":[["a","b"]]})").ok());
}

}  // namespace
}  // namespace rmguest
