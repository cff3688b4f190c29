// SPDX-License-Identifier: GPL-2.0-only
// A fresh CPU and shim for each test, and no page lost by it.
#pragma once

#include <gtest/gtest.h>

#include "cpu.hpp"
#include "shim.hpp"

namespace fake {

class Fixture : public ::testing::Test {
protected:
    Fixture() {
        reset_cpu();
        reset_shim();
    }
    void TearDown() override { EXPECT_EQ(live_pages(), 0u) << "pages leaked"; }
};

}  // namespace fake
