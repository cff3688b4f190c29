// SPDX-License-Identifier: GPL-2.0-only
// What a user reads in the kernel log about a status of abi.h, and what to do about it.
// Runs in Linux only.
#include <array>

#include "x86/types.hpp"

namespace rmv {
namespace {

struct StatusText {
    visor_status status;
    const char* text;
    const char* cure;  // "" if there is nothing to be done
};

constexpr const char* nested =
    "use a CPU that has it; in a virtual machine, let the host offer it (nested VMX)";

constexpr std::array<StatusText, VISOR_STATUS_COUNT> texts{{
    {VISOR_OK, "no error", ""},
    {VISOR_NO_VMX, "the CPU has no VMX (CPUID.1:ECX bit 5 is clear)",
     "use an Intel CPU with VT-x; in a virtual machine, turn on nested virtualization"},
    {VISOR_FEATURE_CONTROL_OFF,
     "the firmware does not allow VMX (IA32_FEATURE_CONTROL is locked with VMX off, or not locked)",
     "turn on VT-x (Intel Virtualization Technology) in the firmware's setup"},
    {VISOR_VMX_IN_USE, "VMX is already in use on this CPU (CR4.VMXE is set)",
     "unload the other hypervisor: modprobe -r kvm_intel, or boot with kvm.enable_virt_at_load=0"},
    {VISOR_NO_TRUE_CONTROLS,
     "the CPU has no TRUE capability MSRs for the VMX controls (IA32_VMX_BASIC bit 55 is clear)",
     nested},
    {VISOR_NO_SECONDARY_CONTROLS, "the CPU has no secondary VM-execution controls", nested},
    {VISOR_NO_EPT, "the CPU has no extended page tables (EPT)", nested},
    {VISOR_NO_EPT_FEATURE,
     "EPT lacks a feature that is needed (4-level walk, write-back tables, INVEPT; detail: "
     "IA32_VMX_EPT_VPID_CAP)",
     nested},
    {VISOR_NO_VPID,
     "the CPU has no virtual-processor identifiers (VPID), or no single-context INVVPID", nested},
    {VISOR_NO_UNRESTRICTED_GUEST, "the CPU can not run real-mode guests (no unrestricted guest)",
     nested},
    {VISOR_NO_PREEMPTION_TIMER, "the CPU has no VMX-preemption timer", nested},
    {VISOR_NO_NMI_CONTROLS, "the CPU has no NMI exiting with virtual NMIs", nested},
    {VISOR_NO_CONTROL,
     "the CPU lacks a VMX control that is needed (detail: its capability MSR, then the bits)",
     nested},
    {VISOR_UNKNOWN_CR4,
     "the kernel uses a CPU feature that rmvisor does not know (detail: bits of CR4)",
     "turn the feature off on the kernel's command line, or use a newer rmvisor"},
    {VISOR_FRED_IN_USE, "the kernel uses FRED event delivery, which rmvisor does not support",
     "boot with fred=off"},
    {VISOR_SHADOW_STACK_IN_USE,
     "the kernel uses supervisor shadow stacks, which rmvisor does not support",
     "boot a kernel without supervisor shadow stacks"},
    {VISOR_CPUS_DIFFER,
     "this CPU's VMX capabilities differ from the first one's (detail: which one of its facts)",
     "take the CPUs of the other kind offline, or turn them off in the firmware's setup"},
    {VISOR_NO_MEMORY, "out of memory", "free some memory and try again"},
    {VISOR_BAD_ARGUMENT, "an argument is not valid (detail: which)", ""},
    {VISOR_VMXON_FAILED, "VMXON failed (detail: VM-instruction error, 0 if there is none)",
     "see whether another hypervisor runs; if none does, please report this"},
    {VISOR_VMCS_FAILED,
     "the CPU refused an access to a VMCS, or an invalidation (detail: VM-instruction error, or "
     "the "
     "field with bit 31 set)",
     "please report this with the CPU's model"},
    {VISOR_ENTRY_FAILED,
     "VM entry failed (detail: VM-instruction error, or exit reason with bit 31 set)",
     "please report this with the rule that the log names"},
    {VISOR_WRONG_STATE, "the CPU is not in the state that this needs", ""},
    {VISOR_UNSUPPORTED, "the visor does not have what was asked for", ""},
    {VISOR_VMXOFF_FAILED,
     "VMXOFF failed, as it does while the dual-monitor treatment of SMIs is active; the CPU "
     "goes on as a guest",
     "try again; if it stays so, turn the firmware's SMM monitor (STM) off in its setup"},
}};

// A status finds its own row by number.
constexpr bool in_order() noexcept {
    for (unsigned i = 0; i < texts.size(); ++i) {
        if (texts[i].status != static_cast<visor_status>(i) || texts[i].text == nullptr)
            return false;
    }
    return true;
}
static_assert(in_order());

}  // namespace
}  // namespace rmv

const char* visor_status_text(rmv_u32 status) {
    return status < rmv::texts.size() ? rmv::texts[status].text : "unknown status";
}

const char* visor_status_cure(rmv_u32 status) {
    return status < rmv::texts.size() ? rmv::texts[status].cure : "";
}
