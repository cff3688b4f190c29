// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/access.hpp"

#include "rm_guest/apic/lvt.hpp"

namespace rmv::apic {

namespace {

constexpr u32 all_bits = 0xffff'ffff;
constexpr u32 svr_writable = 0x1ff;
constexpr u32 divide_writable = 0xb;
// Bits of the ICR's low half that software writes; delivery status is hardware's.
constexpr u32 icr_writable = 0x000c'cfff;

constexpr WriteResult done{Written::done, 0};
constexpr WriteResult fault{Written::fault, 0};

// ---- effects of a write, the same in both modes; the value has been checked ----

void write_svr(LocalApic& apic, u32 value) noexcept {
    apic.page->write(ApicRegister::svr, value & svr_writable);
    if ((value & svr_enabled) != 0) return;
    for (const ApicRegister lvt : lvt_registers)
        apic.page->write(lvt, apic.page->read(lvt) | lvt_masked);
}

void write_lvt(LocalApic& apic, ApicRegister lvt, u32 value) noexcept {
    u32 entry = value & lvt_writable(lvt);
    // SDM: Local APIC State After It Has Been Software Disabled.
    if (!is_software_enabled(apic)) entry |= lvt_masked;
    apic.page->write(lvt, entry);
    if (lvt != ApicRegister::lvt_timer) return;
    apic.timer.set_mode(static_cast<TimerMode>(bits(entry, 18, lvt_timer_mode_shift)));
    apic.page->write(ApicRegister::initial_count, apic.timer.initial_count());
}

void write_initial_count(LocalApic& apic, u32 value, u64 now) noexcept {
    apic.timer.set_initial_count(value, now);
    apic.page->write(ApicRegister::initial_count, apic.timer.initial_count());
}

void write_divide(LocalApic& apic, u32 value, u64 now) noexcept {
    apic.page->write(ApicRegister::divide_configuration, value & divide_writable);
    apic.timer.set_divide(value, now);
}

// A write makes the errors since the last one visible (SDM: Error Handling).
void write_esr(LocalApic& apic) noexcept {
    apic.page->write(ApicRegister::esr, apic.errors);
    apic.errors = 0;
}

void write_simple(LocalApic& apic, ApicRegister reg, u32 value, u64 now) noexcept {
    if (lvt_writable(reg) != 0) return write_lvt(apic, reg, value);
    switch (reg) {
        case ApicRegister::tpr: return apic.page->write(reg, value & 0xff);
        case ApicRegister::eoi: return end_of_interrupt(apic);
        case ApicRegister::svr: return write_svr(apic, value);
        case ApicRegister::esr: return write_esr(apic);
        case ApicRegister::initial_count: return write_initial_count(apic, value, now);
        case ApicRegister::divide_configuration: return write_divide(apic, value, now);
        default: return;  // read-only, or of the other mode: the callers' tables decide
    }
}

// ---- x2APIC mode (SDM: x2APIC Register Availability, Reserved Bit Checking) ----

enum class Direction : u8 { read, write, both };

struct MsrRule {
    ApicRegister reg;
    Direction direction;
    u32 writable;  // other bits are reserved
};

// Delivery status (bit 12) is read-only, not reserved; likewise remote IRR.
constexpr u32 delivery_status = bit(12);
constexpr u32 remote_irr = bit(14);

constexpr MsrRule lvt_rule(ApicRegister reg) noexcept {
    const bool lint = reg == ApicRegister::lvt_lint0 || reg == ApicRegister::lvt_lint1;
    return {reg, Direction::both, lvt_writable(reg) | delivery_status | (lint ? remote_irr : 0)};
}

constexpr MsrRule msr_rules[] = {
    {ApicRegister::id, Direction::read, 0},
    {ApicRegister::version, Direction::read, 0},
    {ApicRegister::tpr, Direction::both, 0xff},
    {ApicRegister::ppr, Direction::read, 0},
    {ApicRegister::eoi, Direction::write, 0},
    {ApicRegister::ldr, Direction::read, 0},
    {ApicRegister::svr, Direction::both, svr_writable},
    {ApicRegister::esr, Direction::both, 0},
    lvt_rule(ApicRegister::lvt_timer),
    lvt_rule(ApicRegister::lvt_thermal),
    lvt_rule(ApicRegister::lvt_performance),
    lvt_rule(ApicRegister::lvt_lint0),
    lvt_rule(ApicRegister::lvt_lint1),
    lvt_rule(ApicRegister::lvt_error),
    {ApicRegister::icr_low, Direction::both, icr_writable | icr_delivery_pending},
    {ApicRegister::initial_count, Direction::both, all_bits},
    {ApicRegister::current_count, Direction::read, 0},
    {ApicRegister::divide_configuration, Direction::both, divide_writable},
    {ApicRegister::self_ipi, Direction::write, lvt_vector_mask},
};

constexpr u32 register_of(u32 msr) noexcept { return (msr & 0xff) * apic_register_stride; }

// ISR, TMR and IRR.
constexpr bool is_vector_set(u32 reg) noexcept {
    return reg >= static_cast<u32>(ApicRegister::isr0) && reg < static_cast<u32>(ApicRegister::esr);
}

const MsrRule* find_rule(u32 reg, Direction direction) noexcept {
    for (const MsrRule& rule : msr_rules)
        if (static_cast<u32>(rule.reg) == reg &&
            (rule.direction == direction || rule.direction == Direction::both))
            return &rule;
    return nullptr;
}

WriteResult write_icr(LocalApic& apic, u64 value) noexcept {
    const u32 low = low32(value) & icr_writable;
    apic.page->write(ApicRegister::icr_low, low);
    apic.page->write(ApicRegister::icr_high, high32(value));
    return {Written::send, join(high32(value), low)};
}

constexpr u64 self_ipi(u64 vector) noexcept {
    return vector | (u64{static_cast<u32>(Shorthand::self)} << icr_shorthand_shift);
}

// ---- xAPIC mode ----

// The destination stands in bits 31:24 of the high half; broadcast is FFh.
WriteResult send_from_page(LocalApic& apic) noexcept {
    const u32 low = apic.page->read(ApicRegister::icr_low) & icr_writable;
    apic.page->write(ApicRegister::icr_low, low);
    const u32 destination = apic.page->read(ApicRegister::icr_high) >> icr_high_destination_shift;
    constexpr u32 xapic_broadcast = 0xff, x2apic_broadcast = all_bits;
    const bool logical = (low & icr_logical_destination) != 0;
    return {Written::send,
            join(destination == xapic_broadcast && !logical ? x2apic_broadcast : destination, low)};
}

}  // namespace

u32 read_register(const LocalApic& apic, ApicRegister reg, u64 now) noexcept {
    if (reg == ApicRegister::ppr) return processor_priority(apic);
    if (reg == ApicRegister::current_count) return apic.timer.current_count(now);
    return apic.page->read(reg);
}

std::optional<u64> read_msr(const LocalApic& apic, u32 msr, u64 now) noexcept {
    const u32 reg = register_of(msr);
    if (mode_of(apic.base) != ApicMode::x2apic ||
        (!is_vector_set(reg) && find_rule(reg, Direction::read) == nullptr))
        return std::nullopt;
    const u32 low = read_register(apic, static_cast<ApicRegister>(reg), now);
    if (static_cast<ApicRegister>(reg) == ApicRegister::icr_low)
        return join(apic.page->read(ApicRegister::icr_high), low);
    return low;
}

WriteResult write_msr(LocalApic& apic, u32 msr, u64 value, u64 now) noexcept {
    if (mode_of(apic.base) != ApicMode::x2apic) return fault;
    const MsrRule* rule = find_rule(register_of(msr), Direction::write);
    if (rule == nullptr || (low32(value) & ~rule->writable) != 0) return fault;
    if (rule->reg == ApicRegister::icr_low) return write_icr(apic, value);
    if (high32(value) != 0) return fault;
    if (rule->reg == ApicRegister::self_ipi) return {Written::send, self_ipi(value)};
    write_simple(apic, rule->reg, low32(value), now);
    return done;
}

WriteResult written_to_page(LocalApic& apic, u32 offset, u64 now) noexcept {
    const auto reg = static_cast<ApicRegister>(offset & ~(apic_register_stride - 1));
    const u32 value = apic.page->read(reg);
    constexpr u32 upper_byte = 0xffu << icr_high_destination_shift;
    switch (reg) {
        case ApicRegister::id:
            apic.page->write(reg, apic.id << icr_high_destination_shift);
            return done;
        case ApicRegister::ldr: apic.page->write(reg, value & upper_byte); return done;
        case ApicRegister::dfr: apic.page->write(reg, value | ~(0xfu << 28)); return done;
        case ApicRegister::icr_low: return send_from_page(apic);
        case ApicRegister::icr_high: apic.page->write(reg, value & upper_byte); return done;
        default: write_simple(apic, reg, value, now); return done;
    }
}

}  // namespace rmv::apic
