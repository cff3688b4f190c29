// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/debug_registers.hpp"

#include "vmx/vmcs.hpp"

namespace rmv {

namespace {

constexpr u64 dr6_reset = 0xffff0ff0;

void write_debug_addresses(const u64 (&db)[4], u64 dr6) noexcept {
    insn::write_dr0(db[0]);
    insn::write_dr1(db[1]);
    insn::write_dr2(db[2]);
    insn::write_dr3(db[3]);
    insn::write_dr6(dr6);
}

}  // namespace

Status get_debug_registers(visor_debug_state& state) noexcept {
    Vmcs vmcs;
    state = {
        .db = {insn::read_dr0(), insn::read_dr1(), insn::read_dr2(), insn::read_dr3()},
        .dr6 = insn::read_dr6(),
        .dr7 = vmcs.read<Field::guest_dr7>(),
    };
    return vmcs.status();
}

Status set_debug_registers(const visor_debug_state& state) noexcept {
    if (high32(state.dr6) != 0 || high32(state.dr7) != 0) return {VISOR_BAD_ARGUMENT};
    Vmcs vmcs;
    vmcs.write<Field::guest_dr7>(u64{state.dr7});
    write_debug_addresses(state.db, state.dr6);
    return vmcs.status();
}

void reset_debug_addresses() noexcept {
    constexpr u64 none[4] = {};
    write_debug_addresses(none, dr6_reset);
}

}  // namespace rmv
