// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/io.hpp"

#include "exit/event.hpp"
#include "rm_guest/guest_debug.hpp"
#include "rm_guest/string_io.hpp"

namespace rmv {

namespace {

u64 linear_rip(Vmcs& vmcs) noexcept {
    return vmcs.read<Field::guest_cs_base>() + vmcs.read<Field::guest_rip>();
}

bool is_where_io_stopped(const PendingIo& io, Vmcs& vmcs) noexcept {
    return io.valid && io.linear_rip == linear_rip(vmcs);
}

}  // namespace

Action handle_io(ExitContext& exit, visor_stop& stop) noexcept {
    const auto io = decode_io(exit.vmcs.read<Field::exit_qualification>());
    if (!io) return Action::unhandled;
    stop.reason = VISOR_STOP_IO;
    stop.port = io->port;
    stop.size = io->size;
    stop.in = io->is_in;
    stop.string = io->is_string;
    stop.rep = io->has_rep;
    exit.cpu.rm.pending_io = {.valid = true,
                              .in = io->is_in,
                              .size = io->size,
                              .linear_rip = linear_rip(exit.vmcs),
                              .string = {}};
    if (io->is_string) return handle_string_io(exit, *io, stop);
    if (!io->is_in) stop.data = output_value(exit.gprs.rax, io->size);
    return Action::stop;
}

namespace {

void finish_io(RmGuest& rm, Vmcs& vmcs, const visor_run_args& args) noexcept {
    if (rm.pending_io.string.valid) return complete_string_io(rm, vmcs, args.elements);
    if (rm.pending_io.in) rm.gprs.rax = merge_input(rm.gprs.rax, rm.pending_io.size, args.data);
    // The length is still the one of that exit: nothing has been entered since.
    skip_instruction(vmcs);
}

}  // namespace

void complete_io(RmGuest& rm, Vmcs& vmcs, const visor_run_args& args) noexcept {
    if (args.completion != VISOR_COMPLETE_NOTHING && is_where_io_stopped(rm.pending_io, vmcs)) {
        if (args.completion == VISOR_COMPLETE_IO) {
            finish_io(rm, vmcs, args);
            rm.debug.step_done = is_step(rm.debug);
        } else if (rm.pending_io.string.valid)
            fail_string_io(rm, vmcs, args.fault_address, args.fault_error);
    }
    rm.pending_io = {};
}

void forget_io_elsewhere(RmGuest& rm, Vmcs& vmcs) noexcept {
    if (!is_where_io_stopped(rm.pending_io, vmcs)) rm.pending_io = {};
}

}  // namespace rmv
