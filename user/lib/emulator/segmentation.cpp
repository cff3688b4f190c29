// SPDX-License-Identifier: GPL-2.0-only
#include "segmentation.hpp"

namespace rmguest {
namespace {

// SDM: Code- and Data-Segment Descriptor Types.
namespace type {
constexpr unsigned readable_or_writable = 1u << 1;
constexpr unsigned expands_down = 1u << 2;
constexpr unsigned code = 1u << 3;
}  // namespace type

constexpr kvm_segment kvm_sregs::*segment_registers[] = {
    &kvm_sregs::es, &kvm_sregs::cs, &kvm_sregs::ss, &kvm_sregs::ds, &kvm_sregs::fs, &kvm_sregs::gs};

Fault segment_fault(const VcpuState& state, Segment segment) {
    const Vector vector = segment == Segment::ss ? Vector::stack_fault : Vector::general_protection;
    const bool has_code = (state.system.cr0 & control::cr0_protection_enable) != 0;
    return {vector, has_code ? std::optional<std::uint32_t>(0) : std::nullopt};
}

bool is_canonical(const VcpuState& state, std::uint64_t address) {
    const unsigned unused = (state.system.cr4 & control::cr4_57_bit_linear) != 0 ? 7 : 16;
    const auto extended = static_cast<std::int64_t>(address << unused) >> unused;
    return static_cast<std::uint64_t>(extended) == address;
}

// Real mode knows no types.
bool type_allows(const VcpuState& state, const kvm_segment& segment, Access access) {
    if (!is_protected(state)) {
        return true;
    }
    if (segment.unusable != 0 || segment.present == 0) {
        return false;
    }
    const bool is_code = (segment.type & type::code) != 0;
    const bool has_right = (segment.type & type::readable_or_writable) != 0;
    return access == Access::write ? !is_code && has_right : !is_code || has_right;
}

bool limit_allows(const VcpuState& state, const kvm_segment& segment, std::uint64_t offset,
                  unsigned size) {
    const std::uint64_t last = offset + size - 1;
    const bool is_down = is_protected(state) &&
                         (segment.type & (type::code | type::expands_down)) == type::expands_down;
    if (is_down) {
        const std::uint64_t top = segment.db != 0 ? 0xffff'ffff : 0xffff;
        return offset > segment.limit && last <= top;
    }
    return last <= segment.limit;
}

}  // namespace

const kvm_segment& segment_register(const kvm_sregs& system, Segment segment) {
    return system.*segment_registers[static_cast<unsigned>(segment)];
}

kvm_segment& segment_register(kvm_sregs& system, Segment segment) {
    return system.*segment_registers[static_cast<unsigned>(segment)];
}

std::variant<std::uint64_t, Fault> linear_address(const VcpuState& state, Segment segment,
                                                  std::uint64_t offset, unsigned size,
                                                  Access access) {
    const kvm_segment& cache = segment_register(state.system, segment);
    if (code_size(state) == CodeSize::bits64) {
        const bool has_base = segment == Segment::fs || segment == Segment::gs;
        const std::uint64_t linear = offset + (has_base ? cache.base : 0);
        if (!is_canonical(state, linear) || !is_canonical(state, linear + size - 1)) {
            return segment_fault(state, segment);
        }
        return linear;
    }
    if (!type_allows(state, cache, access) || !limit_allows(state, cache, offset, size)) {
        return segment_fault(state, segment);
    }
    return (cache.base + offset) & 0xffff'ffff;
}

}  // namespace rmguest
