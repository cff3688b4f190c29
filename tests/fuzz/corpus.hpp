// SPDX-License-Identifier: GPL-2.0-only
// The inputs that fuzzing has found worth keeping, as a test of a unit suite, which has the targets
// compiled in.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "targets.hpp"

namespace fuzz {

// Ends with the first input that fails: the next one would start from what it has left.
inline void run_corpus(const char* name, Target* target) {
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

}  // namespace fuzz
