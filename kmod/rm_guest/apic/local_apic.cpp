// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/local_apic.hpp"

#include "rm_guest/apic/lvt.hpp"

namespace rmv::apic {

namespace {

constexpr u32 class_mask = 0xf0;
constexpr u32 dfr_flat = 0xffff'ffff;
constexpr u32 svr_reset = 0xff;

constexpr ApicRegister zero_registers[] = {
    ApicRegister::tpr,
    ApicRegister::arbitration_priority,
    ApicRegister::ppr,
    ApicRegister::eoi,
    ApicRegister::remote_read,
    ApicRegister::ldr,
    ApicRegister::esr,
    ApicRegister::icr_low,
    ApicRegister::icr_high,
    ApicRegister::lvt_cmci,
    ApicRegister::initial_count,
    ApicRegister::current_count,
    ApicRegister::divide_configuration,
    ApicRegister::self_ipi,
};

// SDM: Determining IPI Destination in x2APIC Mode, Logical x2APIC ID.
constexpr u32 x2apic_ldr(u32 id) noexcept { return ((id >> 4) << 16) | (1u << (id & 0xf)); }

void write_identity(LocalApic& apic) noexcept {
    const bool x2apic = mode_of(apic.base) == ApicMode::x2apic;
    apic.page->write(ApicRegister::id, x2apic ? apic.id : apic.id << icr_high_destination_shift);
    if (x2apic) apic.page->write(ApicRegister::ldr, x2apic_ldr(apic.id));
}

u32 priority_class(std::optional<u8> vector) noexcept {
    return vector ? u32{*vector} & class_mask : 0;
}

}  // namespace

void init(LocalApic& apic) noexcept {
    ApicPage& page = *apic.page;
    for (const ApicRegister reg : zero_registers) page.write(reg, 0);
    for (const ApicRegister set : {ApicRegister::isr0, ApicRegister::tmr0, ApicRegister::irr0})
        page.clear(set);
    for (const ApicRegister lvt : lvt_registers) page.write(lvt, lvt_masked);
    page.write(ApicRegister::version, version);
    page.write(ApicRegister::dfr, dfr_flat);
    page.write(ApicRegister::svr, svr_reset);
    apic.errors = 0;
    apic.timer = {};
    write_identity(apic);
}

void reset(LocalApic& apic, ApicPage& page, u32 id, u64 base) noexcept {
    apic = {.page = &page, .base = base, .id = id, .errors = 0, .timer = {}};
    init(apic);
}

bool is_valid_base(u64 base) noexcept {
    constexpr u64 flags = mask(ApicBase::bootstrap, ApicBase::x2apic, ApicBase::enabled);
    const bool x2apic_without_enable = has(base, ApicBase::x2apic) && !has(base, ApicBase::enabled);
    return (base & ~flags) == apic_base_default && !x2apic_without_enable;
}

bool can_change_base(u64 from, u64 to) noexcept {
    if (!is_valid_base(to)) return false;
    const ApicMode now = mode_of(from);
    const ApicMode then = mode_of(to);
    const bool x2apic_to_xapic = now == ApicMode::x2apic && then == ApicMode::xapic;
    const bool disabled_to_x2apic = now == ApicMode::disabled && then == ApicMode::x2apic;
    return !x2apic_to_xapic && !disabled_to_x2apic;
}

void change_base(LocalApic& apic, u64 base) noexcept {
    const ApicMode from = mode_of(apic.base);
    store_relaxed(apic.base, base);
    const ApicMode to = mode_of(base);
    if (to == from) return;
    // Off and on again is a reset of the APIC (SDM: Local APIC Status and Location).
    if (to == ApicMode::disabled || from == ApicMode::disabled) return init(apic);
    // The destination of the xAPIC's ICR has another place now.
    apic.page->write(ApicRegister::icr_high, 0);
    write_identity(apic);
}

bool is_software_enabled(const LocalApic& apic) noexcept {
    return mode_of(load_relaxed(apic.base)) != ApicMode::disabled &&
           (apic.page->read(ApicRegister::svr) & svr_enabled) != 0;
}

void receive(LocalApic& apic, u8 vector) noexcept {
    if (!is_software_enabled(apic)) return;
    if (vector < first_valid_vector) return report_error(apic, ApicError::receive_illegal_vector);
    // Every interrupt here is an edge: IPIs are, whatever their trigger mode says.
    apic.page->remove(ApicRegister::tmr0, vector);
    apic.page->add(ApicRegister::irr0, vector);
}

void raise_local(LocalApic& apic, ApicRegister lvt) noexcept {
    const u32 entry = apic.page->read(lvt);
    if ((entry & lvt_masked) == 0) receive(apic, static_cast<u8>(entry & lvt_vector_mask));
}

// An illegal vector in the LVT error entry itself is not reported again.
void report_error(LocalApic& apic, ApicError error) noexcept {
    apic.errors |= static_cast<u32>(error);
    const u32 vector = apic.page->read(ApicRegister::lvt_error) & lvt_vector_mask;
    if (vector >= first_valid_vector) raise_local(apic, ApicRegister::lvt_error);
}

u32 processor_priority(const LocalApic& apic) noexcept {
    const u32 tpr = apic.page->read(ApicRegister::tpr) & 0xff;
    const u32 in_service = priority_class(apic.page->highest(ApicRegister::isr0));
    return (tpr & class_mask) >= in_service ? tpr : in_service;
}

std::optional<u8> deliverable(const LocalApic& apic) noexcept {
    if (!is_software_enabled(apic)) return std::nullopt;
    const auto pending = apic.page->highest(ApicRegister::irr0);
    if (priority_class(pending) <= (processor_priority(apic) & class_mask)) return std::nullopt;
    return pending;
}

void take(LocalApic& apic, u8 vector) noexcept {
    apic.page->remove(ApicRegister::irr0, vector);
    apic.page->add(ApicRegister::isr0, vector);
    apic.page->write(ApicRegister::ppr, processor_priority(apic));
}

void end_of_interrupt(LocalApic& apic) noexcept {
    if (const auto vector = apic.page->highest(ApicRegister::isr0))
        apic.page->remove(ApicRegister::isr0, *vector);
    apic.page->write(ApicRegister::ppr, processor_priority(apic));
}

u32 tpr_threshold(const LocalApic& apic) noexcept {
    if (!is_software_enabled(apic)) return 0;
    const u32 pending = priority_class(apic.page->highest(ApicRegister::irr0));
    const u32 in_service = priority_class(apic.page->highest(ApicRegister::isr0));
    const u32 tpr = apic.page->read(ApicRegister::tpr) & class_mask;
    return pending > in_service && pending <= tpr ? pending >> 4 : 0;
}

std::optional<u64> next_deadline(const LocalApic& apic) noexcept {
    const u32 entry = apic.page->read(ApicRegister::lvt_timer);
    const auto vector = static_cast<u8>(entry & lvt_vector_mask);
    if ((entry & lvt_masked) != 0 || !is_software_enabled(apic) ||
        apic.page->contains(ApicRegister::irr0, vector))
        return std::nullopt;
    return apic.timer.deadline();
}

void run_timer(LocalApic& apic, u64 now) noexcept {
    if (apic.timer.expire(now)) raise_local(apic, ApicRegister::lvt_timer);
}

}  // namespace rmv::apic
