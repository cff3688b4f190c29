// SPDX-License-Identifier: GPL-2.0-only
#include "mtrr_model.hpp"

namespace test {
namespace {

constexpr unsigned uc = 0, wc = 1, wt = 4, wp = 5, wb = 6;

unsigned clean(u64 type) {
    type &= 0xff;
    return type == wc || type == wt || type == wp || type == wb ? static_cast<unsigned>(type) : uc;
}

u64 pick(std::mt19937_64& rng, u64 below) { return rng() % below; }

u64 random_type(std::mt19937_64& rng) {
    static constexpr u64 types[] = {0, 1, 4, 5, 6, 6, 6, 0, 4, 2, 3, 7};
    return types[pick(rng, std::size(types))];
}

}  // namespace

void MtrrModel::install(fake::Cpu& cpu) const {
    cpu.msrs.clear();
    cpu.set(0xfe, cap);
    for (u32 i = 0; i < (cap & 0xff); ++i) {
        cpu.set(0x200 + 2 * i, i < base.size() ? base[i] : 0);
        cpu.set(0x201 + 2 * i, i < mask.size() ? mask[i] : 0);
    }
    cpu.set(0x2ff, def_type);
    static constexpr u32 numbers[] = {0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
                                      0x26b, 0x26c, 0x26d, 0x26e, 0x26f};
    for (u32 i = 0; i < 11; ++i) cpu.set(numbers[i], fixed[i]);
    if (cap & 0x800) {
        cpu.set(0x1f2, smrr_base);
        cpu.set(0x1f3, smrr_mask);
    }
}

unsigned MtrrModel::fixed_type(u64 address) const {
    u64 start = 0;
    for (unsigned i = 0; i < 88; ++i) {
        const u64 size = i < 8 ? 0x10000 : i < 24 ? 0x4000 : 0x1000;
        if (address >= start && address < start + size) return clean(fixed[i / 8] >> (8 * (i % 8)));
        start += size;
    }
    return 99;
}

unsigned MtrrModel::variable_type(u64 address) const {
    const u64 all = ((u64{1} << physical_bits) - 1) & ~u64{0xfff};
    std::set<unsigned> found;
    for (std::size_t i = 0; i < base.size(); ++i) {
        const u64 m = mask[i] & all;
        if ((mask[i] & 0x800) && (address & m) == (base[i] & m)) found.insert(clean(base[i]));
    }
    if (found.empty()) return clean(def_type);
    if (found.size() == 1) return *found.begin();
    return found == std::set<unsigned>{wt, wb} ? wt : uc;
}

unsigned MtrrModel::type(u64 address) const {
    const u64 smrr = smrr_mask & 0xfffff000;
    if ((cap & 0x800) && (smrr_mask & 0x800) && address < (u64{1} << 32) &&
        (address & smrr) == (smrr_base & smrr))
        return uc;
    if (!(def_type & 0x800)) return uc;
    if ((cap & 0x100) && (def_type & 0x400) && address < 0x100000) return fixed_type(address);
    return variable_type(address);
}

std::set<u64> MtrrModel::borders() const {
    std::set<u64> result{0, 0x80000, 0xa0000, 0xc0000, 0xf8000, 0x100000, 0x200000};
    const u64 top = u64{1} << physical_bits;
    const auto add = [&](u64 raw_base, u64 raw_mask) {
        const u64 size = raw_mask & (~raw_mask + 1);  // its lowest bit
        const u64 start = raw_base & raw_mask;
        if (size != 0 && start < top) {
            result.insert(start);
            result.insert(start + size);
        }
    };
    for (std::size_t i = 0; i < base.size(); ++i) add(base[i], mask[i] & (top - 1) & ~u64{0xfff});
    add(smrr_base, smrr_mask & 0xfffff000);
    return result;
}

void MtrrModel::add_random_range(std::mt19937_64& rng) {
    const u64 top = u64{1} << physical_bits;
    const unsigned size_bits = 12 + static_cast<unsigned>(pick(rng, physical_bits - 12));
    u64 m = (top - 1) & ~((u64{1} << size_bits) - 1);
    // Sometimes with a hole, above 256 MiB so that the pieces are few.
    if (pick(rng, 5) == 0) m &= ~(u64{1} << (28 + pick(rng, physical_bits - 28)));
    u64 b = rng() & (top - 1) & ~u64{0xfff};
    // Often low in memory, and often beside an older range.
    if (pick(rng, 2) == 0) b &= 0xffffffff;
    if (!base.empty() && pick(rng, 2) == 0)
        b = (base[pick(rng, base.size())] & ~u64{0xfff}) ^ (u64{1} << size_bits);
    const bool is_valid = pick(rng, 8) != 0;
    // Bits above MAXPHYADDR can't be set in hardware; they must not count.
    const u64 noise = pick(rng, 4) == 0 ? ~(top - 1) : 0;
    base.push_back((b & (top - 1)) | random_type(rng) | noise);
    mask.push_back(m | (is_valid ? 0x800 : 0) | noise);
}

MtrrModel MtrrModel::random(std::mt19937_64& rng, unsigned physical_bits) {
    MtrrModel model;
    model.physical_bits = physical_bits;
    const u64 count = pick(rng, 11);
    model.cap = count | (pick(rng, 6) != 0 ? 0x100 : 0) | 0x400;
    model.def_type =
        random_type(rng) | (pick(rng, 4) != 0 ? 0x400 : 0) | (pick(rng, 10) != 0 ? 0x800 : 0);
    for (u64 i = 0; i < count; ++i) model.add_random_range(rng);
    for (u64& word : model.fixed) {
        word = 0;
        const bool is_mixed = pick(rng, 3) == 0;
        const u64 common = random_type(rng);
        for (unsigned byte = 0; byte < 8; ++byte)
            word |= (is_mixed ? random_type(rng) : common) << (8 * byte);
    }
    if (pick(rng, 2) == 0) {
        const unsigned bits = 20 + static_cast<unsigned>(pick(rng, 8));
        model.cap |= 0x800;
        model.smrr_mask = (~u64{0} << bits & 0xffffffff) | (pick(rng, 4) != 0 ? 0x800 : 0);
        model.smrr_base = (rng() & model.smrr_mask & 0xfffff000) | 6;
    }
    return model;
}

}  // namespace test
