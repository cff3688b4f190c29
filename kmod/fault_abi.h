/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failures that a build for tests (make module FAULT=1) can force, and how the
 * shim asks the visor for them. An ordinary build has the numbers alone.
 */
#ifndef RMVISOR_FAULT_ABI_H
#define RMVISOR_FAULT_ABI_H

#include "abi.h"

/* Names and explanations: kmod/shim/fault.c. */
enum visor_injected_fault {
	VISOR_INJECT_NONE = 0,
	/* at the next launch of a CPU */
	VISOR_INJECT_ABSENT,
	VISOR_INJECT_VMXON,
	VISOR_INJECT_VMCLEAR,
	VISOR_INJECT_VMPTRLD,
	VISOR_INJECT_INVEPT,
	VISOR_INJECT_VMWRITE,
	VISOR_INJECT_LAUNCH_CONTROL,
	VISOR_INJECT_LAUNCH_HOST,
	VISOR_INJECT_LAUNCH_GUEST,
	/* while a CPU runs Linux as a guest */
	VISOR_INJECT_UNKNOWN_EXIT,
	VISOR_INJECT_UNEXPECTED_EXIT,
	VISOR_INJECT_USER_EXIT,
	VISOR_INJECT_VMREAD,
	VISOR_INJECT_LOST_VMCS,
	VISOR_INJECT_ENTRY_CONTROL,
	VISOR_INJECT_ENTRY_HOST,
	VISOR_INJECT_ENTRY_GUEST,
	VISOR_INJECT_LEAVE_HOST,
	VISOR_INJECT_LEAVE_GUEST,
	VISOR_INJECT_PAGE_FAULT,
	VISOR_INJECT_UNDEFINED,
	VISOR_INJECT_STACK_GUARD,
	VISOR_INJECT_MACHINE_CHECK,
	VISOR_INJECT_MACHINE_CHECK_LEAVE,
	VISOR_INJECT_SECOND_FAULT,
	VISOR_INJECT_VMXOFF,
	VISOR_INJECT_COUNT
};

#ifdef RMVISOR_FAULT_INJECTION
#ifdef __cplusplus
extern "C" {
#endif

/* The next launch of this CPU meets the fault. Native CPU. */
void visor_fault_at_launch(struct visor_cpu *cpu, rmv_u32 fault);
/*
 * On the CPU itself, preemption off: the fault happens in this call's exit. All
 * ones if the CPU went native at the call.
 */
rmv_u64 visor_fault_now(rmv_u32 fault);
/* On the CPU itself: loops between the last test for NMIs and each entry, from now on. */
rmv_u64 visor_fault_delay(rmv_u32 loops);

/* What Linux must not be able to write: one page of each kind. */
enum { VISOR_PROTECTED_KINDS = 10 };
struct visor_protected_page {
	const char *kind;
	rmv_u64 phys;
};
void visor_fault_pages(struct visor_cpu *cpu,
		       struct visor_protected_page pages[VISOR_PROTECTED_KINDS]);

#ifdef __cplusplus
}
#endif
#endif
#endif /* RMVISOR_FAULT_ABI_H */
