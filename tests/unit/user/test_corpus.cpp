// SPDX-License-Identifier: GPL-2.0-only
// The inputs that fuzzing has found worth keeping: see tests/fuzz.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "../../fuzz/user/decode.cpp"
#include "../../fuzz/user/emulator.cpp"
#include "../../fuzz/user/gdb.cpp"
#include "../../fuzz/user/image.cpp"
#include "../../fuzz/user/trace.cpp"

namespace {

void run_all(const char* name, fuzz::Target* target) {
    const std::filesystem::path folder = std::filesystem::path{"../fuzz/corpus"} / name;
    unsigned inputs = 0;
    for (const auto& file : std::filesystem::directory_iterator{folder}) {
        SCOPED_TRACE(file.path());
        std::ifstream stream{file.path(), std::ios::binary};
        const std::vector<char> bytes{std::istreambuf_iterator<char>{stream}, {}};
        target({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
        ++inputs;
    }
    EXPECT_GT(inputs, 0u) << folder;
}

TEST(Corpus, Decode) { run_all("decode", fuzz::decode); }
TEST(Corpus, Emulator) { run_all("emulator", fuzz::emulator); }
TEST(Corpus, Gdb) { run_all("gdb", fuzz::gdb); }
TEST(Corpus, Image) { run_all("image", fuzz::image); }
TEST(Corpus, Trace) { run_all("trace", fuzz::trace); }

}  // namespace
