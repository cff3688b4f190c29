// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSRs: the list, and reading and writing several at once.
 */
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "mailbox.h"
#include "vcpu_ioctl.h"

/* KVM's limit: fewer than this in one call. */
#define MSRS_MAX 256

static u32 count_msrs(void)
{
	u32 count = 0;

	while (visor_guest_msr(count))
		count++;
	return count;
}

long rm_get_msr_index_list(void __user *argument)
{
	struct kvm_msr_list __user *user = argument;
	u32 i, count = count_msrs();
	struct kvm_msr_list list;
	u32 room;

	if (copy_from_user(&list, user, sizeof(list)))
		return -EFAULT;
	room = list.nmsrs;
	list.nmsrs = count;
	if (copy_to_user(user, &list, sizeof(list)))
		return -EFAULT;
	if (room < count)
		return -E2BIG;
	for (i = 0; i < count; i++)
		if (put_user(visor_guest_msr(i), &user->indices[i]))
			return -EFAULT;
	return 0;
}

/* One mailbox full; returns how many of @count were done. */
static long move_batch(struct rm_vcpu *vcpu, enum visor_command command, struct visor_msrs *batch,
		       struct kvm_msr_entry *entries, u32 count)
{
	u32 i;
	int r;

	batch->count = count;
	for (i = 0; i < count; i++)
		batch->entries[i] = (struct visor_msr){ .index = entries[i].index,
							.value = entries[i].data };
	r = mailbox_move_msrs(vcpu->cpu, command, batch);
	if (r)
		return r;
	for (i = 0; command == VISOR_COMMAND_GET_STATE && i < batch->done; i++)
		entries[i].data = batch->entries[i].value;
	return batch->done;
}

static long move_all(struct rm_vcpu *vcpu, enum visor_command command,
		     struct kvm_msr_entry *entries, u32 count)
{
	struct visor_msrs *batch = kzalloc(sizeof(*batch), GFP_KERNEL_ACCOUNT);
	u32 done = 0;
	long r = 0;

	if (!batch)
		return -ENOMEM;
	while (done < count && r >= 0) {
		u32 now = min_t(u32, count - done, RMV_MSRS);

		r = move_batch(vcpu, command, batch, entries + done, now);
		if (r >= 0)
			done += r;
		if (r < now)
			break;
	}
	kfree(batch);
	/* EFER and the bases of FS and GS are in REGS too. */
	vcpu->state_valid = false;
	return r < 0 ? r : done;
}

long rm_vcpu_move_msrs(struct rm_vcpu *vcpu, enum visor_command command, void __user *argument)
{
	struct kvm_msrs __user *user = argument;
	struct kvm_msr_entry *entries;
	struct kvm_msrs msrs;
	size_t bytes;
	long r;

	if (copy_from_user(&msrs, user, sizeof(msrs)))
		return -EFAULT;
	if (msrs.nmsrs >= MSRS_MAX)
		return -E2BIG;
	bytes = msrs.nmsrs * sizeof(*entries);
	entries = memdup_user(user->entries, bytes);
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	r = move_all(vcpu, command, entries, msrs.nmsrs);
	if (r >= 0 && command == VISOR_COMMAND_GET_STATE &&
	    copy_to_user(user->entries, entries, bytes))
		r = -EFAULT;
	kfree(entries);
	return r;
}
