// SPDX-License-Identifier: GPL-2.0-only
// The memory type of an address, straight from MTRR values, one address at a time: slow, simple and
// written apart from kmod/x86/mtrr.cpp, which it checks. Also makes random settings.
#pragma once

#include <map>
#include <random>
#include <set>
#include <vector>

#include "cpu.hpp"

namespace test {

using rmv::u32;
using rmv::u64;

struct MtrrModel {
    unsigned physical_bits = 39;
    u64 cap = 0x508;
    u64 def_type = 0xc06;
    std::vector<u64> base, mask;  // raw PHYSBASE and PHYSMASK
    std::vector<u64> fixed = std::vector<u64>(11, 0x0606060606060606);
    u64 smrr_base = 0, smrr_mask = 0;

    // Makes the fake CPU hold these values.
    void install(fake::Cpu& cpu) const;
    [[nodiscard]] unsigned type(u64 address) const;
    // Addresses where the type may change.
    [[nodiscard]] std::set<u64> borders() const;

    [[nodiscard]] static MtrrModel random(std::mt19937_64& rng, unsigned physical_bits);

private:
    [[nodiscard]] unsigned fixed_type(u64 address) const;
    [[nodiscard]] unsigned variable_type(u64 address) const;
    void add_random_range(std::mt19937_64& rng);
};

}  // namespace test
