// SPDX-License-Identifier: GPL-2.0-only
// A target as libFuzzer wants it: -DTARGET names it. A failed assertion ends the run.
#include <gtest/gtest.h>

#include "targets.hpp"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    static int count = 1;
    static char name[] = "fuzz";
    static char* arguments[] = {name, nullptr};
    testing::InitGoogleTest(&count, arguments);
    GTEST_FLAG_SET(throw_on_failure, true);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::TARGET({data, size});
    return 0;
}
