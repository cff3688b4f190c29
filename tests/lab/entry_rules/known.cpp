// SPDX-License-Identifier: GPL-2.0-only
// Where Bochs 3.0 and the checker, which follows the SDM, differ; docs/proof.md has the same list.
// A row that is no longer true fails the test.
#include "verdict.hpp"

namespace entry_rules {
namespace {

constexpr Known known[] = {
    {"process posted interrupts needs virtual", Verdict::untried,
     "the CPU model has no posted interrupts"},
    {"process posted interrupts needs acknowledge", Verdict::untried,
     "the CPU model has no posted interrupts"},
    {"supports accessed and dirty flags", Verdict::untried, "the CPU model has them"},
    {"enable PML needs", Verdict::untried, "the CPU model has no PML"},
    {"mode-based execute control needs", Verdict::untried, "the CPU model has no such control"},
    {"host CR4.CET needs", Verdict::untried, "the CPU model has no CET"},
    {"guest CR4.CET needs", Verdict::untried, "the CPU model has no CET"},
    {"entry to SMM is 0", Verdict::differs,
     "Bochs looks at it among the guest state: exit reason 33"},
    {"guest IA32_DEBUGCTL: reserved", Verdict::enters,
     "Bochs does not check it: it has no such MSR"},
    {"guest CR0.PG is 1 in an IA-32e mode guest", Verdict::enters,
     "Bochs does not check it for an unrestricted guest"},
    {"guest RIP: bits above", Verdict::enters, "Bochs does not check it"},
    {"guest RFLAGS.VM needs", Verdict::enters, "Bochs does not check CR0.PE there"},
    {"one that ends the guest's activity", Verdict::enters, "Bochs has no rule for events in HLT"},
    {"when a virtual NMI is injected", Verdict::enters,
     "Bochs does not check it before November 2025"},
    {"enclave interruption excludes", Verdict::refuses,
     "no SGX, where the bit is reserved: the checker lets it pass"},
    {"pending debug exceptions: reserved", Verdict::refuses,
     "no bus-lock exceptions, where bit 11 is reserved: the checker lets it pass"},
    {"pending debug exceptions: BS fits", Verdict::enters, "Bochs does not check it"},
    {"pending debug exceptions: RTM", Verdict::refuses,
     "no RTM, where the bit is reserved: the checker lets it pass"},
};

}  // namespace

const std::span<const Known> known_differences{known};

}  // namespace entry_rules
