// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/lapic_group.hpp"

#include "rm_guest/apic/access.hpp"
#include "rm_guest/apic/lvt.hpp"

namespace rmv::apic {

namespace {

constexpr u32 last_register = 0x3f0;
constexpr u32 vectors_per_register = 32;

u32& word_at(visor_lapic_state& state, u32 offset) noexcept {
    return *reinterpret_cast<u32*>(state.registers + offset);
}

u32 word_at(const visor_lapic_state& state, ApicRegister reg) noexcept {
    return *reinterpret_cast<const u32*>(state.registers + static_cast<u32>(reg));
}

void copy_set(ApicPage& page, ApicRegister set, const visor_lapic_state& state) noexcept {
    for (u32 i = 0; i < Inbox::vector_words; ++i) {
        const auto reg =
            static_cast<ApicRegister>(static_cast<u32>(set) + i * apic_register_stride);
        // The vectors below 16 can't be there.
        const u32 valid = i == 0 ? ~u32{0} << first_valid_vector : ~u32{0};
        page.write(reg, word_at(state, reg) & valid);
    }
}

// In this order: the SVR first, because the LVT's mask bits depend on it; the count last.
constexpr ApicRegister written_in_order[] = {
    ApicRegister::svr,
    ApicRegister::tpr,
    ApicRegister::lvt_timer,
    ApicRegister::lvt_thermal,
    ApicRegister::lvt_performance,
    ApicRegister::lvt_lint0,
    ApicRegister::lvt_lint1,
    ApicRegister::lvt_error,
    ApicRegister::divide_configuration,
    ApicRegister::initial_count,
};

bool is_x2apic(const LocalApic& apic) noexcept { return mode_of(apic.base) == ApicMode::x2apic; }

void write_as_guest(LocalApic& apic, ApicRegister reg, u32 value, u64 now) noexcept {
    apic.page->write(reg, value);
    static_cast<void>(written_to_page(apic, static_cast<u32>(reg), now));
}

// What no write of the guest's could do.
void restore_rest(LocalApic& apic, const visor_lapic_state& state, u64 now) noexcept {
    constexpr ApicRegister copied[] = {ApicRegister::esr, ApicRegister::icr_low,
                                       ApicRegister::icr_high};
    for (const ApicRegister reg : copied) apic.page->write(reg, word_at(state, reg));
    for (const ApicRegister set : {ApicRegister::isr0, ApicRegister::tmr0, ApicRegister::irr0})
        copy_set(*apic.page, set, state);
    if (word_at(state, ApicRegister::initial_count) != 0)
        apic.timer.resume(word_at(state, ApicRegister::current_count), now);
}

}  // namespace

Status get_lapic(const Cpu& cpu, visor_lapic_state& state) noexcept {
    if (!cpu.rm.apic.is_on()) return {VISOR_UNSUPPORTED, VISOR_GROUP_LAPIC};
    const LocalApic& apic = cpu.rm.apic.local;
    const u64 now = insn::rdtsc();
    for (u8& byte : state.registers) byte = 0;
    for (u32 offset = 0; offset <= last_register; offset += apic_register_stride)
        word_at(state, offset) = read_register(apic, static_cast<ApicRegister>(offset), now);
    word_at(state, static_cast<u32>(ApicRegister::id)) = apic.id << icr_high_destination_shift;
    return success;
}

Status set_lapic(Cpu& cpu, const visor_lapic_state& state) noexcept {
    if (!cpu.rm.apic.is_on()) return {VISOR_UNSUPPORTED, VISOR_GROUP_LAPIC};
    LocalApic& apic = cpu.rm.apic.local;
    const u64 now = insn::rdtsc();
    for (const ApicRegister reg : written_in_order)
        write_as_guest(apic, reg, word_at(state, reg), now);
    if (!is_x2apic(apic)) {
        write_as_guest(apic, ApicRegister::ldr, word_at(state, ApicRegister::ldr), now);
        write_as_guest(apic, ApicRegister::dfr, word_at(state, ApicRegister::dfr), now);
    }
    restore_rest(apic, state, now);
    return success;
}

}  // namespace rmv::apic
