// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/commands.hpp"
#include "rm_guest/fpu.hpp"
#include "rm_guest/rm_guest.hpp"
#include "rm_guest/smi_account.hpp"
#include "vmx/watch.hpp"

namespace rmv {

Next park(Cpu& cpu, rmv_gprs& gprs) noexcept {
    remember_linux_xcr0(cpu);
    start_smi_account(cpu);
    store_release(cpu.shared.state, u32{VISOR_CPU_PARKED});
    return serve_commands(cpu, gprs);
}

Next serve_commands(Cpu& cpu, rmv_gprs& gprs) noexcept {
    GapWatch gaps;
    for (;;) {
        gaps.look(cpu, cpu.shared.parked_smis, insn::rdtsc());
        count(cpu.shared.polls);
        // Which VMCS is current makes no difference: give_back() and RESET write the tables again.
        if (Vmcs vmcs; watch_is_requested(cpu)) {
            follow_watch(cpu, vmcs, false);
            gaps.pause();
        }
        if (load_acquire(cpu.shared.command) != VISOR_COMMAND_NONE) {
            gaps.pause();  // a command takes time of its own
            if (const auto next = serve_command(cpu, gprs)) return *next;
        }
        insn::pause();
    }
}

}  // namespace rmv
