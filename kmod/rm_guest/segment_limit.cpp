// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/segment_limit.hpp"

#include "rm_guest/control_registers.hpp"
#include "x86/segment.hpp"

namespace rmv {

namespace {

// Fields of one kind lie 2 apart, by segment.
constexpr Field of_segment(Field es_field, SegmentRegister segment) noexcept {
    return static_cast<Field>(static_cast<u32>(es_field) + 2 * static_cast<u32>(segment));
}
static_assert(of_segment(Field::guest_es_limit, SegmentRegister::gs) == Field::guest_gs_limit);
static_assert(of_segment(Field::guest_es_base, SegmentRegister::ss) == Field::guest_ss_base);

// Of offsets, both ends included.
struct Range {
    u64 first, last;
};

bool is_expand_down(u32 rights) noexcept {
    constexpr u32 type_expand_down = 1u << 2;
    return !has(rights, AccessRights::type_code) && (rights & type_expand_down) != 0;
}

Range range_of(u32 limit, u32 rights, bool protected_mode) noexcept {
    if (!protected_mode || !is_expand_down(rights)) return {0, limit};
    return {u64{limit} + 1, has(rights, AccessRights::default_32) ? 0xffff'ffff : 0xffff};
}

// Real and virtual-8086 mode look at the limit alone.
bool type_allows(u32 rights, bool write) noexcept {
    const bool code = has(rights, AccessRights::type_code);
    const bool bit1 = has(rights, AccessRights::type_writable);  // readable, for code
    if (has(rights, AccessRights::unusable)) return false;
    return write ? !code && bit1 : !code || bit1;
}

u64 count_in(const Range& range, const SegmentAccess& access) noexcept {
    const u64 end = access.offset + access.size - 1;
    if (access.offset < range.first || end > range.last || end < access.offset) return 0;
    if (access.backwards) return (access.offset - range.first) / access.size + 1;
    const u64 by_limit = (range.last - end) / access.size + 1;
    const u64 by_wrap = (access.last_offset - access.offset) / access.size + 1;
    return by_limit < by_wrap ? by_limit : by_wrap;
}

// 48-bit addresses; a page at a time, since the hole is page aligned.
u64 count_canonical(Vmcs& vmcs, const SegmentAccess& access) noexcept {
    const bool has_base =
        access.segment == SegmentRegister::fs || access.segment == SegmentRegister::gs;
    const u64 base = has_base ? vmcs.read_raw(of_segment(Field::guest_es_base, access.segment)) : 0;
    const auto is_canonical = [](u64 address) { return address + bit(47) < bit(48); };
    const u64 linear = base + access.offset;
    if (!is_canonical(linear) || !is_canonical(linear + access.size - 1)) return 0;
    const u64 in_page = linear & page_mask;
    const u64 fitting =
        access.backwards ? in_page / access.size : (page_size - in_page) / access.size;
    return fitting != 0 ? fitting : 1;
}

}  // namespace

u64 elements_in_segment(Vmcs& vmcs, const SegmentAccess& access) noexcept {
    if (is_64bit_code(vmcs)) return count_canonical(vmcs, access);
    const u32 rights =
        static_cast<u32>(vmcs.read_raw(of_segment(Field::guest_es_access_rights, access.segment)));
    const u32 limit =
        static_cast<u32>(vmcs.read_raw(of_segment(Field::guest_es_limit, access.segment)));
    const bool protected_mode =
        !is_real_mode(vmcs) && !has(vmcs.read<Field::guest_rflags>(), Rflags::vm);
    if (protected_mode && !type_allows(rights, access.write)) return 0;
    return count_in(range_of(limit, rights, protected_mode), access);
}

}  // namespace rmv
