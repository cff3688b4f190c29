// SPDX-License-Identifier: GPL-2.0-only
#include "x86/mtrr.hpp"

#include "x86/insn.hpp"

namespace rmv {
namespace {

constexpr u32 cpuid_features = 1;

enum class FeatureEdx : u32 { mtrr = 1u << 12 };

// IA32_MTRRCAP
enum class MtrrCap : u64 { fixed = bit(8), smrr = bit(11) };
constexpr unsigned cap_count_high = 7, cap_count_low = 0;

// IA32_MTRR_DEF_TYPE
enum class DefType : u64 { fixed_enable = bit(10), enable = bit(11) };

// IA32_MTRR_PHYSBASEn
constexpr u64 type_mask = 0xff;

// IA32_MTRR_PHYSMASKn and IA32_SMRR_PHYSMASK
enum class PhysMask : u64 { valid = bit(11) };

// The fixed ranges: eight of 64 KiB, sixteen of 16 KiB, sixty-four of 4 KiB.
constexpr u64 fixed_16k_start = 0x80000;
constexpr u64 fixed_4k_start = 0xc0000;
constexpr u64 fixed_end = 0x100000;
constexpr unsigned first_16k = 8;
constexpr unsigned first_4k = first_16k + 16;
constexpr unsigned fixed_4k_registers = 8;
constexpr unsigned types_per_register = 8;

// SMRRs hold 32-bit addresses.
constexpr u64 above_4g = ~u64{0xffff'ffff};

u64 read_msr(u32 number) noexcept { return insn::rdmsr(static_cast<Msr>(number)); }

}  // namespace

Mtrr Mtrr::read(unsigned physical_bits) noexcept {
    Mtrr mtrr;
    if (!has(insn::cpuid(cpuid_features, 0).edx, FeatureEdx::mtrr)) {
        // Page tables alone decide then, as if all memory were write-back.
        mtrr.default_ = MemoryType::write_back;
        return mtrr;
    }
    const u64 physical_mask = (bit(physical_bits) - 1) & ~page_mask;
    const u64 cap = insn::rdmsr(Msr::mtrr_cap);
    const u64 def_type = insn::rdmsr(Msr::mtrr_def_type);
    if (has(cap, MtrrCap::smrr)) mtrr.read_smrr(physical_mask);
    if (!has(def_type, DefType::enable)) return mtrr;  // all memory is uncacheable
    mtrr.default_ = decode_memory_type(def_type);
    mtrr.read_ranges(static_cast<unsigned>(bits(cap, cap_count_high, cap_count_low)),
                     physical_mask);
    if (has(cap, MtrrCap::fixed) && has(def_type, DefType::fixed_enable)) mtrr.read_fixed();
    return mtrr;
}

void Mtrr::read_ranges(unsigned count, u64 physical_mask) noexcept {
    const u32 first = static_cast<u32>(Msr::mtrr_physbase0);
    for (unsigned i = 0; i < count && i < range_limit; ++i) {
        const u64 base = read_msr(first + 2 * i);
        const u64 mask = read_msr(first + 2 * i + 1);
        if (!has(mask, PhysMask::valid)) continue;
        ranges_[range_count_++] = {base & (physical_mask | type_mask), mask & physical_mask};
    }
}

void Mtrr::read_fixed() noexcept {
    unsigned index = 0;
    add_fixed(index, static_cast<u32>(Msr::mtrr_fix64k_00000));
    add_fixed(index, static_cast<u32>(Msr::mtrr_fix16k_80000));
    add_fixed(index, static_cast<u32>(Msr::mtrr_fix16k_a0000));
    for (u32 i = 0; i < fixed_4k_registers; ++i)
        add_fixed(index, static_cast<u32>(Msr::mtrr_fix4k_c0000) + i);
    has_fixed_ = true;
}

void Mtrr::add_fixed(unsigned& index, u32 msr) noexcept {
    const u64 types = read_msr(msr);
    for (unsigned byte = 0; byte < types_per_register; ++byte)
        fixed_[index++] = decode_memory_type(types >> (8 * byte));
}

// Outside SMM the range reads as ones and is uncacheable whatever the other MTRRs say.
void Mtrr::read_smrr(u64 physical_mask) noexcept {
    const u64 base = insn::rdmsr(Msr::smrr_physbase);
    const u64 mask = insn::rdmsr(Msr::smrr_physmask);
    if (!has(mask, PhysMask::valid)) return;
    smrr_ = {base & physical_mask & ~above_4g, (mask | above_4g) & physical_mask};
    has_smrr_ = true;
}

Smram Mtrr::smram() const noexcept { return has_smrr_ ? Smram{smrr_.base(), smrr_.mask} : Smram{}; }

unsigned Mtrr::fixed_index(u64 address) noexcept {
    if (address < fixed_16k_start) return static_cast<unsigned>(address >> 16);
    if (address < fixed_4k_start)
        return first_16k + static_cast<unsigned>((address - fixed_16k_start) >> 14);
    return first_4k + static_cast<unsigned>((address - fixed_4k_start) >> 12);
}

// In the block the bits below `size` take every value, the others are those of `base`.
Mtrr::Cover Mtrr::cover(const Range& range, u64 base, u64 size) noexcept {
    const u64 inside = size - 1;
    if (((base ^ range.base()) & range.mask & ~inside) != 0) return Cover::none;
    return (range.mask & inside) == 0 ? Cover::full : Cover::partial;
}

std::optional<MemoryType> Mtrr::variable_type(u64 base, u64 size) const noexcept {
    std::optional<MemoryType> everywhere;
    for (unsigned i = 0; i < range_count_; ++i) {
        if (cover(ranges_[i], base, size) == Cover::full)
            everywhere = everywhere ? overlap(*everywhere, ranges_[i].type()) : ranges_[i].type();
    }
    // A range that covers a part must change nothing there.
    const MemoryType type = everywhere.value_or(default_);
    for (unsigned i = 0; i < range_count_; ++i) {
        if (cover(ranges_[i], base, size) != Cover::partial) continue;
        const MemoryType there = everywhere ? overlap(type, ranges_[i].type()) : ranges_[i].type();
        if (there != type) return std::nullopt;
    }
    return type;
}

std::optional<MemoryType> Mtrr::plain_type(u64 base, u64 size) const noexcept {
    if (has_smrr_) {
        const Cover smrr = cover(smrr_, base, size);
        if (smrr == Cover::full) return MemoryType::uncacheable;
        if (smrr == Cover::partial) return std::nullopt;
    }
    if (has_fixed_ && base < fixed_end) {
        if (size > page_size) return std::nullopt;
        return fixed_[fixed_index(base)];
    }
    return variable_type(base, size);
}

std::optional<MemoryType> Mtrr::uniform_type(u64 base, u64 size) const noexcept {
    if (const auto type = plain_type(base, size); type || size <= page_size) return type;
    // Both halves alike. Few blocks hold a border, so few calls go deep.
    const auto low = uniform_type(base, size / 2);
    if (!low) return std::nullopt;
    const auto high = uniform_type(base + size / 2, size / 2);
    return high == low ? low : std::nullopt;
}

MemoryType Mtrr::type(u64 address) const noexcept {
    // No range ends inside a page, so there is always an answer.
    return plain_type(address & ~page_mask, page_size).value_or(MemoryType::uncacheable);
}

}  // namespace rmv
