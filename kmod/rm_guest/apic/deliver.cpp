// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/deliver.hpp"

#include "rm_guest/apic/icr.hpp"
#include "vmx/globals.hpp"
#include "vmx/local_apic.hpp"

namespace rmv::apic {

namespace {

// A sender posts within microseconds, but an SMI may come in between.
constexpr u32 poster_polls = 100'000'000;

bool post_into(Inbox& inbox, u32 tag, const Ipi& ipi) noexcept {
    switch (ipi.mode) {
        case DeliveryMode::fixed:
        case DeliveryMode::lowest_priority: return inbox.post_vector(tag, ipi.vector);
        case DeliveryMode::nmi: return inbox.post_nmi(tag);
        case DeliveryMode::init: return inbox.post_init(tag);
        case DeliveryMode::startup: return inbox.post_startup(tag, ipi.vector);
        case DeliveryMode::smi:
        case DeliveryMode::ext_int: return false;  // decode_icr() lets none through
    }
    return false;
}

// Counted, so that the target's CPU does not go back to Linux between the post and the NMI.
void post(const Cpu& sender, Cpu& target, const Ipi& ipi) noexcept {
    add(target.rm_posters, 1u);
    const bool posted = post_into(target.rm_inbox, tag_of(sender.rm), ipi);
    const bool runs = load_acquire(target.shared.state) == VISOR_CPU_RUNNING;
    if (posted && runs && &target != &sender) send_ipi(target.apic_id, rmv::DeliveryMode::nmi, 0);
    add(target.rm_posters, ~0u);
}

bool is_peer(const Cpu& sender, const Cpu& other) noexcept {
    return other.rm_inbox.tag() == tag_of(sender.rm);
}

template <typename Visit>
void for_each_destination(Cpu& sender, const Ipi& ipi, const Visit& visit) noexcept {
    for (Cpu* cpu = globals.first_cpu; cpu != nullptr; cpu = cpu->next_cpu)
        if (is_peer(sender, *cpu) && is_destination(ipi, cpu->rm.apic.local, cpu == &sender))
            visit(*cpu);
}

// One of them: the one with the lowest priority now (SDM: Lowest Priority Delivery Mode).
void post_to_lowest(Cpu& sender, const Ipi& ipi) noexcept {
    Cpu* lowest = nullptr;
    u32 priority = 0;
    for_each_destination(sender, ipi, [&](Cpu& cpu) noexcept {
        const LocalApic& local = cpu.rm.apic.local;
        const u32 here = processor_priority(local);
        if (!is_software_enabled(local) || (lowest != nullptr && here >= priority)) return;
        lowest = &cpu;
        priority = here;
    });
    if (lowest != nullptr) post(sender, *lowest, ipi);
}

bool has_vector(const Ipi& ipi) noexcept {
    return ipi.mode == DeliveryMode::fixed || ipi.mode == DeliveryMode::lowest_priority;
}

}  // namespace

u32 tag_of(const RmGuest& rm) noexcept { return rm.vm; }

void send(Cpu& sender, u64 icr) noexcept {
    const auto ipi = decode_icr(icr);
    if (!ipi) return;
    if (has_vector(*ipi) && ipi->vector < first_valid_vector)
        return report_error(sender.rm.apic.local, ApicError::send_illegal_vector);
    if (ipi->mode == DeliveryMode::lowest_priority) return post_to_lowest(sender, *ipi);
    for_each_destination(sender, *ipi, [&](Cpu& cpu) noexcept { post(sender, cpu, *ipi); });
}

void close_inbox(Cpu& cpu) noexcept {
    cpu.rm_inbox.close();
    for (u32 i = 0; i < poster_polls && load_acquire(cpu.rm_posters) != 0; ++i) insn::pause();
}

}  // namespace rmv::apic
