// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/trace_filter.hpp"

#include <optional>

#include "x86/atomic.hpp"

namespace rmv {

namespace {

// Forward, or out.
bool sound_target(u8 target, u32 step, u32 count) noexcept {
    return target == RMV_FILTER_ACCEPT || target == RMV_FILTER_REJECT ||
           (target > step && target < count);
}

bool sound(const rmv_filter_step& step, u32 index, u32 count) noexcept {
    return step.field < RMV_FIELD_COUNT && step.test < RMV_TEST_COUNT &&
           sound_target(step.on_true, index, count) && sound_target(step.on_false, index, count);
}

std::optional<u64> when(bool valid, u64 value) noexcept {
    if (!valid) return std::nullopt;
    return value;
}

std::optional<u64> address_of(const rmvisor_trace_record& record) noexcept {
    const bool has_base = (record.flags & RMVISOR_TRACE_F_CODE64) == 0;
    return when(record.type == RMVISOR_TRACE_EXIT, record.rip + (has_base ? record.cs_base : 0));
}

// Nothing where this record has no such field: then no test of it holds.
std::optional<u64> value_of_field(const rmvisor_trace_record& record,
                                  rmv_filter_field field) noexcept {
    switch (field) {
        case RMV_FIELD_TYPE: return record.type;
        case RMV_FIELD_REASON: return when(record.type == RMVISOR_TRACE_EXIT, record.reason);
        case RMV_FIELD_CPU: return record.cpu;
        case RMV_FIELD_VM: return record.vm;
        case RMV_FIELD_VCPU: return when(record.vm != 0, record.vcpu);
        case RMV_FIELD_ACTION: return when(record.type == RMVISOR_TRACE_EXIT, record.action);
        case RMV_FIELD_QUALIFICATION: return record.qualification;
        case RMV_FIELD_RIP: return when(record.type == RMVISOR_TRACE_EXIT, record.rip);
        case RMV_FIELD_ADDRESS: return address_of(record);
        case RMV_FIELD_QUALIFICATION_HIGH: return (record.qualification >> 16) & 0xffff;
        case RMV_FIELD_RCX: return when((record.flags & RMVISOR_TRACE_F_REGS) != 0, record.rcx);
        case RMV_FIELD_PHYSICAL:
            return when((record.flags & RMVISOR_TRACE_F_PHYSICAL) != 0, record.guest_physical);
        case RMV_FIELD_LINEAR:
            return when((record.flags & RMVISOR_TRACE_F_LINEAR) != 0, record.linear_address);
        case RMV_FIELD_TICKS: return record.root_ticks;
        case RMV_FIELD_COUNT: break;
    }
    return std::nullopt;
}

bool holds(u64 value, rmv_filter_test test, u64 wanted) noexcept {
    switch (test) {
        case RMV_TEST_EQUAL: return value == wanted;
        case RMV_TEST_NOT_EQUAL: return value != wanted;
        case RMV_TEST_BELOW: return value < wanted;
        case RMV_TEST_BELOW_OR_EQUAL: return value <= wanted;
        case RMV_TEST_ABOVE: return value > wanted;
        case RMV_TEST_ABOVE_OR_EQUAL: return value >= wanted;
        case RMV_TEST_BITS: return (value & wanted) != 0;
        case RMV_TEST_COUNT: break;
    }
    return false;
}

rmv_filter_step read_once(const rmv_filter_step& step) noexcept {
    return {load_relaxed(step.field),
            load_relaxed(step.test),
            load_relaxed(step.on_true),
            load_relaxed(step.on_false),
            0,
            load_relaxed(step.value)};
}

}  // namespace

bool TraceFilter::load(const rmv_filter_step* steps, u32 count) noexcept {
    if (count > RMV_FILTER_STEPS) return false;
    rmv_filter_step copy[RMV_FILTER_STEPS];
    for (u32 i = 0; i < count; ++i) {
        copy[i] = read_once(steps[i]);
        if (!sound(copy[i], i, count)) return false;
    }
    for (u32 i = 0; i < count; ++i) steps_[i] = copy[i];
    count_ = count;
    return true;
}

bool TraceFilter::run(const rmvisor_trace_record& record) const noexcept {
    u32 next = 0;
    while (next < count_) {
        const rmv_filter_step& step = steps_[next];
        const auto value = value_of_field(record, static_cast<rmv_filter_field>(step.field));
        const bool yes =
            value && holds(*value, static_cast<rmv_filter_test>(step.test), step.value);
        next = yes ? step.on_true : step.on_false;
    }
    return next == RMV_FILTER_ACCEPT;
}

}  // namespace rmv
