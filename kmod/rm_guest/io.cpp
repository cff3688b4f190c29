// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/io.hpp"

#include "exit/event.hpp"

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
    if (!io)
        return Action::unhandled;
    stop.reason = VISOR_STOP_IO;
    stop.port = io->port;
    stop.size = io->size;
    stop.in = io->is_in;
    stop.string = io->is_string;
    stop.rep = io->has_rep;
    if (io->is_string)
        return Action::stop;
    if (!io->is_in)
        stop.data = output_value(exit.gprs.rax, io->size);
    exit.cpu.rm.pending_io = {
        .valid = true, .in = io->is_in, .size = io->size, .linear_rip = linear_rip(exit.vmcs)};
    return Action::stop;
}

void complete_io(RmGuest& rm, Vmcs& vmcs, u32 data) noexcept {
    if (!is_where_io_stopped(rm.pending_io, vmcs))
        return;
    if (rm.pending_io.in)
        rm.gprs.rax = merge_input(rm.gprs.rax, rm.pending_io.size, data);
    // The length is still the one of that exit: nothing has been entered since.
    skip_instruction(vmcs);
}

void forget_io_elsewhere(RmGuest& rm, Vmcs& vmcs) noexcept {
    if (!is_where_io_stopped(rm.pending_io, vmcs))
        rm.pending_io = {};
}

}  // namespace rmv
