// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/pdptes.hpp"

#include "exit/event.hpp"
#include "vmx/globals.hpp"

namespace rmv {

namespace {

constexpr Field pdpte_fields[] = {Field::guest_pdpte0, Field::guest_pdpte1, Field::guest_pdpte2,
                                  Field::guest_pdpte3};

// CR3[31:5] (SDM: Use of CR3 with PAE Paging).
constexpr u64 table_of(u64 cr3) noexcept { return cr3 & 0xffff'ffe0; }

// SDM: Format of a PDPTE. Only a present one is looked at.
bool is_valid_pdpte(u64 entry) noexcept {
    constexpr u64 present = bit(0), reserved_low = 0x1e6;
    const u64 reserved_high = ~(bit(globals.facts.physical_bits) - 1);
    return (entry & present) == 0 || (entry & (reserved_low | reserved_high)) == 0;
}

bool all_valid(const rmv_u64 (&entries)[4]) noexcept {
    for (const u64 entry : entries)
        if (!is_valid_pdpte(entry)) return false;
    return true;
}

}  // namespace

Action need_pdptes(ExitContext& exit, u64 cr3, visor_stop& stop) noexcept {
    Pdptes& pdptes = exit.cpu.rm.pdptes;
    const bool loaded = pdptes.step == PdpteStep::loaded && pdptes.table == table_of(cr3);
    pdptes = {.step = loaded ? PdpteStep::none : PdpteStep::for_instruction,
              .table = table_of(cr3)};
    if (loaded) return Action::skip;
    stop = pdptes_stop(exit.cpu.rm);
    return Action::stop;
}

void need_pdptes_at_entry(RmGuest& rm, u64 cr3) noexcept {
    rm.pdptes = {.step = PdpteStep::for_entry, .table = table_of(cr3)};
}

visor_stop pdptes_stop(const RmGuest& rm) noexcept {
    visor_stop stop{};
    stop.reason = VISOR_STOP_PDPTES;
    stop.guest_physical = rm.pdptes.table;
    return stop;
}

void take_pdptes(RmGuest& rm, Vmcs& vmcs, const visor_run_args& args) noexcept {
    const PdpteStep step = rm.pdptes.step;
    const bool fetched = args.completion == VISOR_COMPLETE_PDPTES;
    if (!fetched && args.completion != VISOR_COMPLETE_NO_PDPTES) return;
    if (step == PdpteStep::for_instruction && !(fetched && all_valid(args.pdptes))) {
        rm.pdptes = {};
        static_cast<void>(general_protection(vmcs));
        return;
    }
    for (u32 i = 0; i < 4; ++i) vmcs.write_raw(pdpte_fields[i], fetched ? args.pdptes[i] : 0);
    rm.pdptes.step = step == PdpteStep::for_instruction ? PdpteStep::loaded : PdpteStep::none;
}

}  // namespace rmv
