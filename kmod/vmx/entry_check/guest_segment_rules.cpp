// SPDX-License-Identifier: GPL-2.0-only
// SDM volume 3, "Checks on Guest Segment Registers".
#include "vmx/entry_check/rule.hpp"
#include "x86/segment.hpp"

namespace rmv {
namespace {

struct GuestSegment {
    Field selector, base, limit, access_rights;
};

constexpr GuestSegment cs{Field::guest_cs_selector, Field::guest_cs_base, Field::guest_cs_limit,
                          Field::guest_cs_access_rights};
constexpr GuestSegment ss{Field::guest_ss_selector, Field::guest_ss_base, Field::guest_ss_limit,
                          Field::guest_ss_access_rights};
constexpr GuestSegment ds{Field::guest_ds_selector, Field::guest_ds_base, Field::guest_ds_limit,
                          Field::guest_ds_access_rights};
constexpr GuestSegment es{Field::guest_es_selector, Field::guest_es_base, Field::guest_es_limit,
                          Field::guest_es_access_rights};
constexpr GuestSegment fs{Field::guest_fs_selector, Field::guest_fs_base, Field::guest_fs_limit,
                          Field::guest_fs_access_rights};
constexpr GuestSegment gs{Field::guest_gs_selector, Field::guest_gs_base, Field::guest_gs_limit,
                          Field::guest_gs_access_rights};
constexpr GuestSegment tr{Field::guest_tr_selector, Field::guest_tr_base, Field::guest_tr_limit,
                          Field::guest_tr_access_rights};
constexpr GuestSegment ldtr{Field::guest_ldtr_selector, Field::guest_ldtr_base,
                            Field::guest_ldtr_limit, Field::guest_ldtr_access_rights};

constexpr u64 selector_rpl_mask = 3;
constexpr u64 selector_ti_bit = 4;

// Types of code and data segments, as the rules name them: all accessed.
constexpr u64 type_data_read_write = 3;
constexpr u64 type_data_expand_down = 7;
constexpr u64 type_code_execute = 9;
constexpr u64 type_code_read = 11;
constexpr u64 type_code_conforming = 13;
constexpr u64 type_code_conforming_read = 15;

[[nodiscard]] u64 rights(const EntryState& state, const GuestSegment& segment) noexcept {
    return state.read(segment.access_rights);
}
[[nodiscard]] u64 type(const EntryState& state, const GuestSegment& segment) noexcept {
    return rights(state, segment) & access_rights_type_mask;
}
[[nodiscard]] u64 dpl(const EntryState& state, const GuestSegment& segment) noexcept {
    return bits(rights(state, segment), access_rights_dpl_shift + 1, access_rights_dpl_shift);
}
[[nodiscard]] u64 rpl(const EntryState& state, const GuestSegment& segment) noexcept {
    return state.read(segment.selector) & selector_rpl_mask;
}
[[nodiscard]] bool is_usable(const EntryState& state, const GuestSegment& segment) noexcept {
    return !has(rights(state, segment), AccessRights::unusable);
}
[[nodiscard]] bool is_v8086(const EntryState& state) noexcept {
    return state.guest_has(Rflags::vm);
}

// Do the rules on access rights for this segment apply? Those of CS always do, outside virtual-8086
// mode, which has a rule of its own.
[[nodiscard]] bool is_checked(const EntryState& state, const GuestSegment& segment) noexcept {
    return !is_v8086(state) && (&segment == &cs || is_usable(state, segment));
}

// ---- selectors ----

template <const GuestSegment& segment>
bool ti_is_zero(const EntryState& state) noexcept {
    return (&segment == &ldtr && !is_usable(state, segment)) ||
           (state.read(segment.selector) & selector_ti_bit) == 0;
}

bool ss_rpl_equals_cs_rpl(const EntryState& state) noexcept {
    return is_v8086(state) || state.is_unrestricted() || rpl(state, ss) == rpl(state, cs);
}

// ---- bases and limits ----

template <const GuestSegment& segment>
bool v8086_base(const EntryState& state) noexcept {
    return !is_v8086(state) || state.read(segment.base) == state.read(segment.selector) << 4;
}

template <const GuestSegment& segment>
bool base_canonical(const EntryState& state) noexcept {
    return (&segment == &ldtr && !is_usable(state, segment)) ||
           state.is_canonical(state.read(segment.base));
}

template <const GuestSegment& segment>
bool base_32_bits(const EntryState& state) noexcept {
    return (&segment != &cs && !is_usable(state, segment)) || high32(state.read(segment.base)) == 0;
}

template <const GuestSegment& segment>
bool v8086_limit(const EntryState& state) noexcept {
    constexpr u64 limit_64k = 0xffff;
    return !is_v8086(state) || state.read(segment.limit) == limit_64k;
}

// ---- access rights of code and data segments ----

template <const GuestSegment& segment>
bool v8086_rights(const EntryState& state) noexcept {
    constexpr u64 present_data_read_write_dpl_3 = 0xf3;
    return !is_v8086(state) || rights(state, segment) == present_data_read_write_dpl_3;
}

bool cs_type(const EntryState& state) noexcept {
    if (is_v8086(state)) return true;
    switch (type(state, cs)) {
        case type_code_execute:
        case type_code_read:
        case type_code_conforming:
        case type_code_conforming_read: return true;
        case type_data_read_write: return state.is_unrestricted();
    }
    return false;
}

bool ss_type(const EntryState& state) noexcept {
    return !is_checked(state, ss) || type(state, ss) == type_data_read_write ||
           type(state, ss) == type_data_expand_down;
}

template <const GuestSegment& segment>
bool type_accessed(const EntryState& state) noexcept {
    return !is_checked(state, segment) || has(rights(state, segment), AccessRights::type_accessed);
}

template <const GuestSegment& segment>
bool type_code_readable(const EntryState& state) noexcept {
    const u64 word = rights(state, segment);
    return !is_checked(state, segment) || !has(word, AccessRights::type_code) ||
           has(word, AccessRights::type_writable);
}

template <const GuestSegment& segment>
bool is_code_or_data(const EntryState& state) noexcept {
    return !is_checked(state, segment) || has(rights(state, segment), AccessRights::code_or_data);
}

bool cs_dpl(const EntryState& state) noexcept {
    if (is_v8086(state)) return true;
    switch (type(state, cs)) {
        case type_data_read_write: return dpl(state, cs) == 0;
        case type_code_execute:
        case type_code_read: return dpl(state, cs) == dpl(state, ss);
        case type_code_conforming:
        case type_code_conforming_read: return dpl(state, cs) <= dpl(state, ss);
    }
    return true;  // cs_type() speaks up
}

bool ss_dpl_equals_rpl(const EntryState& state) noexcept {
    return is_v8086(state) || state.is_unrestricted() || dpl(state, ss) == rpl(state, ss);
}

bool ss_dpl_zero_in_real_mode(const EntryState& state) noexcept {
    const bool must_be_0 = type(state, cs) == type_data_read_write || !state.guest_has(Cr0::pe);
    return is_v8086(state) || !must_be_0 || dpl(state, ss) == 0;
}

template <const GuestSegment& segment>
bool dpl_not_below_rpl(const EntryState& state) noexcept {
    return !is_checked(state, segment) || state.is_unrestricted() ||
           type(state, segment) > type_code_read || dpl(state, segment) >= rpl(state, segment);
}

template <const GuestSegment& segment>
bool is_present(const EntryState& state) noexcept {
    return !is_checked(state, segment) || has(rights(state, segment), AccessRights::present);
}

// Bits 11:8 and 31:17.
[[nodiscard]] bool has_no_reserved_rights(u64 word) noexcept {
    return bits(word, 11, 8) == 0 && bits(word, 31, 17) == 0;
}

template <const GuestSegment& segment>
bool rights_reserved(const EntryState& state) noexcept {
    return !is_checked(state, segment) || has_no_reserved_rights(rights(state, segment));
}

bool cs_default_size_in_64_bit_code(const EntryState& state) noexcept {
    const u64 word = rights(state, cs);
    return is_v8086(state) || !state.is_ia32e() || !has(word, AccessRights::long_mode) ||
           !has(word, AccessRights::default_32);
}

// In pages all low bits of a limit are 1; above 1 MiB it must be in pages.
[[nodiscard]] bool limit_fits_granularity(const EntryState& state,
                                          const GuestSegment& segment) noexcept {
    const u64 limit = state.read(segment.limit);
    const bool in_pages = has(rights(state, segment), AccessRights::granularity);
    return in_pages ? bits(limit, 11, 0) == page_mask : bits(limit, 31, 20) == 0;
}

template <const GuestSegment& segment>
bool granularity(const EntryState& state) noexcept {
    return !is_checked(state, segment) || limit_fits_granularity(state, segment);
}

// ---- TR and LDTR: in every mode ----

[[nodiscard]] bool is_type(const EntryState& state, const GuestSegment& segment,
                           SystemType one) noexcept {
    return type(state, segment) == static_cast<u64>(one);
}

bool tr_type(const EntryState& state) noexcept {
    return is_type(state, tr, SystemType::tss_busy) ||
           (!state.is_ia32e() && is_type(state, tr, SystemType::tss16_busy));
}

bool tr_usable(const EntryState& state) noexcept { return is_usable(state, tr); }

bool ldtr_type(const EntryState& state) noexcept {
    return !is_usable(state, ldtr) || is_type(state, ldtr, SystemType::ldt);
}

[[nodiscard]] bool is_system_checked(const EntryState& state,
                                     const GuestSegment& segment) noexcept {
    return &segment == &tr || is_usable(state, segment);
}

template <const GuestSegment& segment>
bool is_system(const EntryState& state) noexcept {
    return !is_system_checked(state, segment) ||
           !has(rights(state, segment), AccessRights::code_or_data);
}

template <const GuestSegment& segment>
bool system_present(const EntryState& state) noexcept {
    return !is_system_checked(state, segment) || has(rights(state, segment), AccessRights::present);
}

template <const GuestSegment& segment>
bool system_reserved(const EntryState& state) noexcept {
    return !is_system_checked(state, segment) || has_no_reserved_rights(rights(state, segment));
}

template <const GuestSegment& segment>
bool system_granularity(const EntryState& state) noexcept {
    return !is_system_checked(state, segment) || limit_fits_granularity(state, segment);
}

// One row per segment.
#define RMV_DATA_SEGMENTS(text, rule)                                                           \
    {"guest DS " text, rule<ds>}, {"guest ES " text, rule<es>}, {"guest FS " text, rule<fs>}, { \
        "guest GS " text, rule<gs>                                                              \
    }
#define RMV_SEGMENTS(text, rule) \
    {"guest CS " text, rule<cs>}, {"guest SS " text, rule<ss>}, RMV_DATA_SEGMENTS(text, rule)
#define RMV_SYSTEM_SEGMENTS(text, rule) \
    {"guest TR " text, rule<tr>}, { "guest LDTR " text, rule<ldtr> }

constexpr EntryRule rules[] = {
    RMV_SYSTEM_SEGMENTS("selector: TI is 0", ti_is_zero),
    {"guest SS selector: RPL equals that of CS, without unrestricted guest", ss_rpl_equals_cs_rpl},
    RMV_SEGMENTS("base is the selector times 16 in virtual-8086 mode", v8086_base),
    {"guest TR base is canonical", base_canonical<tr>},
    {"guest FS base is canonical", base_canonical<fs>},
    {"guest GS base is canonical", base_canonical<gs>},
    {"guest LDTR base is canonical", base_canonical<ldtr>},
    {"guest CS base: bits 63:32 are 0", base_32_bits<cs>},
    {"guest SS base: bits 63:32 are 0", base_32_bits<ss>},
    {"guest DS base: bits 63:32 are 0", base_32_bits<ds>},
    {"guest ES base: bits 63:32 are 0", base_32_bits<es>},
    RMV_SEGMENTS("limit is FFFFh in virtual-8086 mode", v8086_limit),
    RMV_SEGMENTS("access rights are F3h in virtual-8086 mode", v8086_rights),
    {"guest CS type: accessed code (9, 11, 13, 15), or 3 for an unrestricted guest", cs_type},
    {"guest SS type: accessed read/write data (3, 7)", ss_type},
    RMV_DATA_SEGMENTS("type: accessed", type_accessed),
    RMV_DATA_SEGMENTS("type: readable if it is code", type_code_readable),
    RMV_SEGMENTS("is a code or data segment (S is 1)", is_code_or_data),
    {"guest CS DPL fits its type and the DPL of SS", cs_dpl},
    {"guest SS DPL equals the selector's RPL, without unrestricted guest", ss_dpl_equals_rpl},
    {"guest SS DPL is 0 when CS has type 3 or CR0.PE is 0", ss_dpl_zero_in_real_mode},
    RMV_DATA_SEGMENTS("DPL is not below the selector's RPL, without unrestricted guest",
                      dpl_not_below_rpl),
    RMV_SEGMENTS("is present", is_present),
    RMV_SEGMENTS("access rights: bits 11:8 and 31:17 are 0", rights_reserved),
    {"guest CS D/B is 0 in 64-bit code", cs_default_size_in_64_bit_code},
    RMV_SEGMENTS("limit fits the granularity bit", granularity),
    {"guest TR type: busy TSS (11, or 3 outside IA-32e mode)", tr_type},
    {"guest TR is usable", tr_usable},
    {"guest LDTR type: LDT (2)", ldtr_type},
    RMV_SYSTEM_SEGMENTS("is a system segment (S is 0)", is_system),
    RMV_SYSTEM_SEGMENTS("is present", system_present),
    RMV_SYSTEM_SEGMENTS("access rights: bits 11:8 and 31:17 are 0", system_reserved),
    RMV_SYSTEM_SEGMENTS("limit fits the granularity bit", system_granularity),
};

#undef RMV_DATA_SEGMENTS
#undef RMV_SEGMENTS
#undef RMV_SYSTEM_SEGMENTS

}  // namespace

constinit const std::span<const EntryRule> guest_segment_rules{rules};

u32 broken_guest_segment_rule(const EntryState& state) noexcept {
    return first_broken<rules>(state);
}

}  // namespace rmv
