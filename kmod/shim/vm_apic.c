// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_CAP_SPLIT_IRQCHIP. There is no PIC and no I/O APIC here, so that of KVM's
 * two ways to have local APICs it is the one that can be kept to the letter.
 */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "vm.h"
#include "vm_apic.h"

#define APIC_PAGE 0xfee00000ull
/* As many I/O APIC pins as KVM would keep routes for; here they are user space's. */
#define IOAPIC_PINS_MAX 4096

#ifdef RMVISOR_FAULT_INJECTION
/* Builds for tests: the machine's own APIC, as if nobody had thought of virtualizing it. */
static bool physical_apic;
module_param(physical_apic, bool, 0644);
MODULE_PARM_DESC(physical_apic, "guests reach the machine's local APIC (tests of INIT storms)");

static u64 apic_page(void)
{
	return physical_apic ? APIC_PAGE : visor_apic_access_page();
}

static u32 apic_provision(void)
{
	return physical_apic ? VISOR_APIC_PHYSICAL : VISOR_APIC_EMULATED;
}
#else
static u64 apic_page(void)
{
	return visor_apic_access_page();
}

static u32 apic_provision(void)
{
	return VISOR_APIC_EMULATED;
}
#endif

/* Under vm->lock. No vCPU exists, so no CPU has cached anything of the map. */
static int create_apics(struct rm_vm *vm)
{
	u64 page = apic_page();

	if (vm->apic != VISOR_APIC_NONE || rm_vm_has_vcpus(vm))
		return -EEXIST;
	switch (page ? visor_guest_memory_map(vm->memory, APIC_PAGE, page, 1) : VISOR_OK) {
	case VISOR_OK:
		vm->apic = apic_provision();
		return 0;
	case VISOR_NO_MEMORY:
		return -ENOMEM;
	default:
		return -EEXIST; /* a memory slot is there */
	}
}

long rm_vm_enable_cap(struct rm_vm *vm, void __user *argument)
{
	struct kvm_enable_cap cap;
	long r;

	if (copy_from_user(&cap, argument, sizeof(cap)))
		return -EFAULT;
	if (cap.flags || cap.cap != KVM_CAP_SPLIT_IRQCHIP || cap.args[0] > IOAPIC_PINS_MAX)
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	r = create_apics(vm);
	mutex_unlock(&vm->lock);
	return r;
}

long rm_vm_set_boot_cpu_id(struct rm_vm *vm, unsigned long id)
{
	long r = 0;

	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	if (rm_vm_has_vcpus(vm))
		r = -EBUSY;
	else
		vm->boot_vcpu = id;
	mutex_unlock(&vm->lock);
	return r;
}

bool rm_vm_apic_overlaps(const struct rm_vm *vm, u64 guest_physical, u64 bytes)
{
	return vm->apic != VISOR_APIC_NONE && guest_physical < APIC_PAGE + PAGE_SIZE &&
	       APIC_PAGE < guest_physical + bytes;
}
