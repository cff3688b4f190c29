// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/pfn.h>

#include "../../kmod/abi.h"
#include "border.h"
#include "report.h"
#include "rm_cpu.h"
#include "vcpu.h"
#include "vm.h"
#include "vm_apic.h"

#define WRITABLE 1ul

void border_init(struct visor_guest_memory *memory)
{
	xa_init(&memory->pages);
	memory->maps_left = -1;
}

void border_destroy(struct visor_guest_memory *memory)
{
	xa_destroy(&memory->pages);
}

u64 border_mapping(struct visor_guest_memory *memory, u64 guest_physical)
{
	void *entry = xa_load(&memory->pages, PHYS_PFN(guest_physical));

	return entry ? xa_to_value(entry) : 0;
}

unsigned long border_count(struct visor_guest_memory *memory)
{
	unsigned long index, count = 0;
	void *entry;

	xa_for_each(&memory->pages, index, entry)
		count++;
	return count;
}

rmv_u32 visor_guest_memory_map(struct visor_guest_memory *memory, rmv_u64 guest_physical,
			       rmv_u64 host_physical, rmv_u32 writable)
{
	void *value = xa_mk_value(host_physical | (writable ? WRITABLE : 0));

	if (!memory->maps_left)
		return VISOR_NO_MEMORY;
	if (memory->maps_left > 0)
		memory->maps_left--;
	return xa_err(xa_store(&memory->pages, PHYS_PFN(guest_physical), value, GFP_KERNEL)) ?
		       VISOR_NO_MEMORY : VISOR_OK;
}

void visor_guest_memory_unmap(struct visor_guest_memory *memory, rmv_u64 guest_physical)
{
	xa_erase(&memory->pages, PHYS_PFN(guest_physical));
}

const char *visor_exit_reason_text(rmv_u32 reason)
{
	return reason == 10 ? "CPUID" : "?";
}

int report_errno(rmv_u32 status)
{
	return status == VISOR_OK ? 0 : -ENOMEM;
}

/* There are no vCPUs here. */
int rm_vm_stop_all(struct rm_vm *vm)
{
	return 0;
}

void rm_vm_continue_all(struct rm_vm *vm)
{
}

void rm_vcpu_memory_changed(struct rm_vcpu *vcpu)
{
}

bool rm_vm_apic_overlaps(const struct rm_vm *vm, u64 guest_physical, u64 bytes)
{
	return false;
}
