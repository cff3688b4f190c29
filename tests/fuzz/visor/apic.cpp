// SPDX-License-Identifier: GPL-2.0-only
// A history of a local APIC out of any bytes: it agrees with the reference after every step.
#include "apic/pair.hpp"
#include "input.hpp"
#include "targets.hpp"

void fuzz::apic(std::span<const std::uint8_t> bytes) {
    fuzz::Input input{bytes};
    rmv::apic::Pair pair{[&input] { return input.number(); }, input.pick(255)};
    for (unsigned steps = 0; steps < 300 && !input.is_empty(); ++steps) {
        pair.step();
        if (testing::Test::HasFailure()) return;
    }
}
