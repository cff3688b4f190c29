// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/watch.hpp"

#include "vmx/globals.hpp"
#include "vmx/insn.hpp"

namespace rmv {

namespace {

constexpr u32 fewest_records = 64;

// Each word once: Linux could change it meanwhile.
visor_ring_args read_once(const visor_ring_args& ring) noexcept {
    return {load_relaxed(ring.virt), load_relaxed(ring.records), load_relaxed(ring.generation),
            load_relaxed(ring.root_cr3), load_relaxed(ring.ept_pointer)};
}

bool is_sound(const visor_ring_args& ring) noexcept {
    return ring.virt != 0 && (ring.virt & page_mask) == 0 && ring.records >= fewest_records &&
           (ring.records & (ring.records - 1)) == 0;
}

void attach_ring(Cpu& cpu, const visor_ring_args& ring) noexcept {
    cpu.trace.attach(reinterpret_cast<rmvisor_trace_map*>(ring.virt), ring.records);
    cpu.watched.ring_generation = ring.generation;
}

// The old ring is not in the new tables, the new one not in the old ones.
void switch_tables(Cpu& cpu, Vmcs& vmcs, const visor_ring_args& ring, bool for_linux) noexcept {
    cpu.trace.retire();
    globals.root_cr3 = ring.root_cr3;
    vmcs.write<Field::host_cr3>(ring.root_cr3);
    insn::write_cr3(ring.root_cr3);
    globals.linux_ept_pointer = ring.ept_pointer;
    if (!for_linux) return;
    vmcs.write<Field::ept_pointer>(ring.ept_pointer);
    static_cast<void>(insn::invept(insn::InveptType::all_contexts, {0, 0}));
}

void take_wishes(Cpu& cpu) noexcept {
    const visor_watch_args& wishes = cpu.shared.watch;
    static_cast<void>(cpu.filter.load(wishes.filter, load_relaxed(wishes.filter_steps)));
    cpu.trace.set_overwrite(load_relaxed(wishes.overwrite) != 0);
    cpu.watch = (load_relaxed(wishes.trace_on) != 0 ? watch_trace : 0) |
                (load_relaxed(wishes.stats_on) != 0 ? watch_latency : 0);
}

void answer_request(Cpu& cpu, u32 request) noexcept {
    cpu.watched.request = request;
    store_release(cpu.shared.watch_done, request);
}

}  // namespace

void follow_watch_natively(Cpu& cpu) noexcept {
    const u32 request = load_acquire(cpu.shared.watch_request);
    const visor_ring_args ring = read_once(cpu.shared.ring);
    if (ring.generation != cpu.watched.ring_generation && is_sound(ring)) attach_ring(cpu, ring);
    take_wishes(cpu);
    answer_request(cpu, request);
}

void follow_watch(Cpu& cpu, Vmcs& vmcs, bool for_linux) noexcept {
    const u32 request = load_acquire(cpu.shared.watch_request);
    const visor_ring_args ring = read_once(cpu.shared.ring);
    if (ring.generation != cpu.watched.ring_generation && is_sound(ring)) {
        switch_tables(cpu, vmcs, ring, for_linux);
        attach_ring(cpu, ring);
    }
    take_wishes(cpu);
    answer_request(cpu, request);
}

}  // namespace rmv
