// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_SUPPORTED_CPUID: the CPU's own answers, less what a real-mode guest
 * can't use.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/msr-index.h>
#include <asm/processor.h>

#include "../abi.h"
#include "vcpu_ioctl.h"

/* Features that need nothing but their instructions, by leaf and register. */
#define LEAF1_ECX (BIT(0) | BIT(1) | BIT(9) | BIT(12) | BIT(13) | BIT(19) | BIT(20) | BIT(22) | \
		   BIT(23) | BIT(25) | BIT(26) | BIT(28) | BIT(29) | BIT(30))
#define LEAF1_EDX (BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(8) | BIT(11) | \
		   BIT(13) | BIT(15) | BIT(16) | BIT(17) | BIT(19) | BIT(23) | BIT(24) | BIT(25) | \
		   BIT(26))
#define LEAF1_ECX_HYPERVISOR BIT(31)
#define LEAF1_ECX_X2APIC BIT(21)	/* by MSR exits, whatever the CPU has */
#define LEAF1_EDX_APIC BIT(9)
#define LEAF1_EBX_KEPT 0xff00u		/* CLFLUSH's line; the rest are numbers of this CPU */
#define LEAF7_EBX (BIT(3) | BIT(5) | BIT(8) | BIT(9) | BIT(16) | BIT(17) | BIT(18) | BIT(19) | \
		   BIT(21) | BIT(23) | BIT(24) | BIT(28) | BIT(29) | BIT(30) | BIT(31))
#define LEAF7_ECX (BIT(1) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(12) | BIT(14))
#define LEAF7_EDX BIT(4)
#define EXTENDED1_ECX (BIT(0) | BIT(5) | BIT(8))
#define EXTENDED1_EDX (BIT(20) | BIT(26) | BIT(29))
#define EXTENDED1_EDX_SYSCALL BIT(11)
#define XCR0_COMPONENTS 0xe7u		/* x87, SSE, AVX, AVX-512: visor's guest_components() */
#define LINEAR_BITS 48u

#define ENTRIES_MAX 24

struct list {
	struct kvm_cpuid_entry2 entries[ENTRIES_MAX];
	u32 count;
};

static struct kvm_cpuid_entry2 *add(struct list *list, u32 function, u32 index, bool indexed)
{
	struct kvm_cpuid_entry2 *e = &list->entries[list->count++];

	*e = (struct kvm_cpuid_entry2){
		.function = function, .index = index,
		.flags = indexed ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
	};
	cpuid_count(function, index, &e->eax, &e->ebx, &e->ecx, &e->edx);
	return e;
}

static bool guest_has_msr(u32 msr)
{
	u32 i, index;

	for (i = 0; (index = visor_guest_msr(i)) != 0; i++)
		if (index == msr)
			return true;
	return false;
}

static void add_basic(struct list *list, u32 last)
{
	struct kvm_cpuid_entry2 *e = add(list, 0, 0, false);

	e->eax = last;
	e = add(list, 1, 0, false);
	e->ebx &= LEAF1_EBX_KEPT;
	e->ecx = (e->ecx & LEAF1_ECX) | LEAF1_ECX_HYPERVISOR | LEAF1_ECX_X2APIC;
	e->edx &= LEAF1_EDX | (visor_has_group(VISOR_GROUP_LAPIC) ? LEAF1_EDX_APIC : 0);
	if (last >= 7) {
		e = add(list, 7, 0, true);
		e->eax = 0;
		e->ebx &= LEAF7_EBX;
		e->ecx &= LEAF7_ECX;
		e->edx &= LEAF7_EDX;
	}
}

/* Leaf Dh: components without XSAVES, whose control is off. */
static void add_xsave(struct list *list)
{
	struct kvm_cpuid_entry2 *e = add(list, 0xd, 0, true);
	u32 i, components = e->eax & XCR0_COMPONENTS;

	e->eax = components;
	e->edx = 0;
	e = add(list, 0xd, 1, true);
	e->eax &= BIT(0);	/* XSAVEOPT */
	e->ebx = 0;
	e->ecx = 0;
	e->edx = 0;
	for (i = 2; i < 32; i++)
		if (components & BIT(i))
			add(list, 0xd, i, true);
}

static void add_extended(struct list *list)
{
	u32 i, last = min_t(u32, cpuid_eax(0x80000000), 0x80000008);
	struct kvm_cpuid_entry2 *e = add(list, 0x80000000, 0, false);

	e->eax = last;
	e->ebx = 0;
	e->ecx = 0;
	e->edx = 0;
	e = add(list, 0x80000001, 0, false);
	e->ebx = 0;
	e->ecx &= EXTENDED1_ECX;
	e->edx &= EXTENDED1_EDX | (guest_has_msr(MSR_STAR) ? EXTENDED1_EDX_SYSCALL : 0);
	for (i = 0x80000002; i <= min_t(u32, last, 0x80000004); i++)
		add(list, i, 0, false);
	if (last < 0x80000008)
		return;
	e = add(list, 0x80000008, 0, false);
	e->eax = min_t(u32, boot_cpu_data.x86_phys_bits, LINEAR_BITS) | LINEAR_BITS << 8;
	e->ebx = 0;
	e->ecx = 0;
	e->edx = 0;
}

static void fill(struct list *list)
{
	bool xsave = boot_cpu_has(X86_FEATURE_XSAVE);

	add_basic(list, xsave ? 0xd : min_t(u32, boot_cpu_data.cpuid_level, 7));
	if (xsave)
		add_xsave(list);
	add_extended(list);
}

static long copy_list(struct kvm_cpuid2 __user *user, const struct list *list, u32 room)
{
	if (room < list->count)
		return -E2BIG;
	if (copy_to_user(user->entries, list->entries, list->count * sizeof(list->entries[0])))
		return -EFAULT;
	return put_user(list->count, &user->nent);
}

long rm_get_supported_cpuid(void __user *argument)
{
	struct kvm_cpuid2 __user *user = argument;
	struct list *list;
	u32 room;
	long r;

	if (get_user(room, &user->nent))
		return -EFAULT;
	list = kzalloc(sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	fill(list);
	r = copy_list(user, list, room);
	kfree(list);
	return r;
}
