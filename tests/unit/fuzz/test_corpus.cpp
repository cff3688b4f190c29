// SPDX-License-Identifier: GPL-2.0-only
// The inputs that fuzzing has found worth keeping, with the ordinary compiler and its sanitizers.
// The targets are compiled in here; their fixtures' sources too, since a suite has its own folder.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "../../fuzz/visor/apic.cpp"
#include "../../fuzz/visor/ept.cpp"
#include "../../fuzz/visor/guest_state.cpp"
#include "../../fuzz/visor/linux_exit.cpp"
#include "../../fuzz/visor/rm_exit.cpp"

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
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(inputs, 0u) << folder;
}

TEST(Corpus, Apic) { run_all("apic", fuzz::apic); }
TEST(Corpus, Ept) { run_all("ept", fuzz::ept); }
TEST(Corpus, GuestState) { run_all("guest_state", fuzz::guest_state); }
TEST(Corpus, LinuxExit) { run_all("linux_exit", fuzz::linux_exit); }
TEST(Corpus, RmExit) { run_all("rm_exit", fuzz::rm_exit); }

}  // namespace
