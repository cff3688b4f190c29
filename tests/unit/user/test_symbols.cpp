// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/symbols.hpp"
#include "records.hpp"

namespace rmguest {
namespace {

TEST(SymbolTable, TheLastOneAtOrBelowWithinItsReach) {
    const SymbolTable table({{0x200, "b"}, {0x100, "a"}, {0x200, "also_b"}}, 0x80);
    EXPECT_EQ(table.describe(0xff), "");
    EXPECT_EQ(table.describe(0x100), "a");
    EXPECT_EQ(table.describe(0x17f), "a+0x7f");
    EXPECT_EQ(table.describe(0x180), "");
    EXPECT_EQ(table.describe(0x201), "also_b+0x1");
    EXPECT_EQ(SymbolTable().describe(0), "");
}

TEST(Kallsyms, FunctionsWithAddresses) {
    const auto symbols = parse_kallsyms(
        "ffffffff81000000 T _stext\nffffffff81000010 t local\t[module]\n"
        "ffffffff82000000 D data\n0000000000000000 T hidden\nnonsense\n\nffffffff81000020 W weak");
    ASSERT_EQ(symbols.size(), 3u);
    EXPECT_EQ(symbols[0].name, "_stext");
    EXPECT_EQ(symbols[1].name, "local");
    EXPECT_EQ(symbols[1].address, 0xffffffff81000010u);
    EXPECT_EQ(symbols[2].name, "weak");
}

TEST(TraceSymbols, LinuxAndGuestsHaveTheirOwn) {
    const TraceSymbols symbols{{{{0x100, "kernel"}}, 0x100}, {{{0x100, "guest"}}, 0x100}};
    auto record = exit_record(rmv::ExitReason::hlt);
    record.rip = 0x101;
    EXPECT_EQ(symbols.describe(record), "guest+0x1");
    record.vm = 0;
    EXPECT_EQ(symbols.describe(record), "kernel+0x1");
    record.type = RMVISOR_TRACE_RUN;
    EXPECT_EQ(symbols.describe(record), "");
}

// Found by fuzzing: a number out of range was converted all the same, which is undefined.
TEST(TraceSymbols, AddressesAreWholeNumbersOf64Bits) {
    EXPECT_TRUE(decode_symbols(R"({"linux":[[18446744073709551615,"a"]],"guest":[]})").ok());
    for (const char* text :
         {R"({"linux":[[1e30,"a"]],"guest":[]})", R"({"linux":[[-1,"a"]],"guest":[]})",
          R"({"linux":[[1.5,"a"]],"guest":[]})",
          R"({"linux":[[18446744073709551616,"a"]],"guest":[]})"}) {
        EXPECT_FALSE(decode_symbols(text).ok()) << text;
    }
}

TEST(TraceSymbols, DamagedTextIsRefused) {
    EXPECT_TRUE(decode_symbols("").ok());
    for (const char* text : {"x", "{}", "[]", R"({"linux":[[1]],"guest":[]})",
                             R"({"linux":[["a","b"]],"guest":[]})", R"({"linux":5,"guest":[]})"}) {
        EXPECT_FALSE(decode_symbols(text).ok()) << text;
    }
}

}  // namespace
}  // namespace rmguest
