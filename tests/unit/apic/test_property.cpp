// SPDX-License-Identifier: GPL-2.0-only
// Random histories: the visor's APIC and the reference agree on every register after every step.
#include <random>

#include "pair.hpp"

namespace rmv::apic {
namespace {

TEST(ApicProperty, AgreesWithTheReference) {
    for (unsigned seed = 0; seed < 100 && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Pair pair(std::mt19937_64{seed}, seed % 20);
        for (int i = 0; i < 300 && !::testing::Test::HasFailure(); ++i) pair.step();
    }
}

}  // namespace
}  // namespace rmv::apic
