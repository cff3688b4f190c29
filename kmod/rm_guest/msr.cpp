// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/msr.hpp"

#include "exit/event.hpp"
#include "rm_guest/msr_access.hpp"
#include "rm_guest/stop.hpp"

namespace rmv {

namespace {

Msr selected(const ExitContext& exit) noexcept { return static_cast<Msr>(low32(exit.gprs.rcx)); }

}  // namespace

Action handle_rdmsr(ExitContext& exit) noexcept {
    const auto value = read_guest_msr(exit.cpu, exit.vmcs, selected(exit));
    if (!value) return general_protection(exit.vmcs);
    exit.gprs.rax = low32(*value);
    exit.gprs.rdx = high32(*value);
    return Action::skip;
}

Action handle_wrmsr(ExitContext& exit, visor_stop& stop) noexcept {
    const u64 value = join(low32(exit.gprs.rdx), low32(exit.gprs.rax));
    Status flushed = success;
    if (!write_guest_msr(exit.cpu, exit.vmcs, selected(exit), value, flushed))
        return general_protection(exit.vmcs);
    return skip_or_stop(flushed, stop);
}

}  // namespace rmv
