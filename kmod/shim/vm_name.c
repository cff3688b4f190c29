// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "rm_cpu.h"
#include "vcpu.h"
#include "vm.h"
#include "vm_name.h"
#include "vm_names.h"

/* Graphic characters of ASCII, and zeros to the end: what can stand in a line of words. */
static bool is_good(const char *name)
{
	size_t i, length = strnlen(name, RMVISOR_NAME_BYTES);

	if (!length || length == RMVISOR_NAME_BYTES)
		return false;
	for (i = 0; i < length; i++)
		if (!isascii(name[i]) || !isgraph(name[i]))
			return false;
	return !memchr_inv(name + length, 0, RMVISOR_NAME_BYTES - length);
}

static void put_name(const struct rm_vm *vm, struct rm_cpu *c)
{
	memcpy(c->guest_name, vm->name, sizeof(c->guest_name));
}

long rm_vm_set_name(struct rm_vm *vm, const void __user *argument)
{
	struct rmvisor_name given;
	u32 id;

	if (copy_from_user(&given, argument, sizeof(given)))
		return -EFAULT;
	if (!is_good(given.name))
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	memcpy(vm->name, given.name, sizeof(vm->name));
	rm_vm_names_note(vm->number, vm->name);
	for (id = 0; id < RM_VCPUS; id++)
		if (vm->vcpus[id])
			put_name(vm, vm->vcpus[id]->cpu);
	mutex_unlock(&vm->lock);
	return 0;
}

void rm_vm_show_on(const struct rm_vm *vm, struct rm_cpu *c)
{
	put_name(vm, c);
}

void rm_vm_name_show(struct seq_file *file, const struct rm_cpu *c)
{
	char name[RMVISOR_NAME_BYTES];

	memcpy(name, c->guest_name, sizeof(name));
	name[sizeof(name) - 1] = 0;
	if (*name)
		seq_printf(file, " (%s)", name);
}
