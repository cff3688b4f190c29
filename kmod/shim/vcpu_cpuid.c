// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_CPUID2 and KVM_GET_CPUID2: the table that a vCPU's CPUID answers from.
 */
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "mailbox.h"
#include "vcpu_ioctl.h"

#define LEAF_ADDRESS_SIZES 0x80000008u

static struct visor_cpuid_table *load(struct rm_vcpu *vcpu)
{
	struct visor_cpuid_table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	int r;

	if (!table)
		return ERR_PTR(-ENOMEM);
	r = mailbox_get_group(vcpu->cpu, VISOR_GROUP_CPUID, table, sizeof(*table));
	if (!r)
		return table;
	kfree(table);
	return ERR_PTR(r);
}

/* KVM's one check of the values: linear addresses have 48 bits, or this says nothing. */
static bool is_valid_entry(const struct kvm_cpuid_entry2 *entry)
{
	u32 linear_bits = (entry->eax >> 8) & 0xff;

	return entry->function != LEAF_ADDRESS_SIZES || linear_bits == 48 || linear_bits == 0;
}

static int fill_table(struct visor_cpuid_table *table, const struct kvm_cpuid_entry2 *entries,
		      u32 count)
{
	u32 i;

	table->count = count;
	for (i = 0; i < count; i++) {
		const struct kvm_cpuid_entry2 *e = &entries[i];

		if (!is_valid_entry(e))
			return -EINVAL;
		table->entries[i] = (struct visor_cpuid_entry){
			.leaf = e->function, .subleaf = e->index,
			.subleaf_matters = !!(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX),
			.eax = e->eax, .ebx = e->ebx, .ecx = e->ecx, .edx = e->edx,
		};
	}
	return 0;
}

static long set_table(struct rm_vcpu *vcpu, const struct kvm_cpuid_entry2 *entries, u32 count)
{
	struct visor_cpuid_table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	int r;

	if (!table)
		return -ENOMEM;
	r = fill_table(table, entries, count);
	if (!r)
		r = mailbox_set_group(vcpu->cpu, VISOR_GROUP_CPUID, table, sizeof(*table));
	kfree(table);
	return r;
}

long rm_vcpu_set_cpuid2(struct rm_vcpu *vcpu, void __user *argument)
{
	struct kvm_cpuid2 __user *user = argument;
	struct kvm_cpuid_entry2 *entries;
	struct kvm_cpuid2 cpuid;
	long r;

	if (copy_from_user(&cpuid, user, sizeof(cpuid)))
		return -EFAULT;
	if (cpuid.nent > RMV_CPUID_ENTRIES)
		return -E2BIG;
	entries = memdup_user(user->entries, cpuid.nent * sizeof(*entries));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	r = set_table(vcpu, entries, cpuid.nent);
	kfree(entries);
	return r;
}

static long copy_table(struct kvm_cpuid2 __user *user, const struct visor_cpuid_table *table)
{
	u32 i;

	for (i = 0; i < table->count; i++) {
		const struct visor_cpuid_entry *e = &table->entries[i];
		struct kvm_cpuid_entry2 entry = {
			.function = e->leaf, .index = e->subleaf,
			.flags = e->subleaf_matters ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
			.eax = e->eax, .ebx = e->ebx, .ecx = e->ecx, .edx = e->edx,
		};

		if (copy_to_user(&user->entries[i], &entry, sizeof(entry)))
			return -EFAULT;
	}
	return put_user(table->count, &user->nent);
}

long rm_vcpu_get_cpuid2(struct rm_vcpu *vcpu, void __user *argument)
{
	struct kvm_cpuid2 __user *user = argument;
	struct visor_cpuid_table *table;
	struct kvm_cpuid2 cpuid;
	long r;

	if (copy_from_user(&cpuid, user, sizeof(cpuid)))
		return -EFAULT;
	table = load(vcpu);
	if (IS_ERR(table))
		return PTR_ERR(table);
	r = cpuid.nent < table->count ? -E2BIG : copy_table(user, table);
	kfree(table);
	return r;
}
