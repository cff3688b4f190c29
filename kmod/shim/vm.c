// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM fds: KVM's VM ioctls.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/mutex.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <linux/rmvisor.h>

#include "dedicate.h"
#include "device.h"
#include "mailbox.h"
#include "vcpu.h"
#include "vm.h"
#include "vm_apic.h"
#include "vm_name.h"
#include "vm_names.h"

/*
 * Numbers of VMs in the trace. A number comes back only after all others, so
 * that old records in a ring are not taken for those of a new VM.
 */
static DEFINE_IDR(numbers);
static DEFINE_MUTEX(numbers_lock);

static int number_alloc(struct rm_vm *vm)
{
	int number;

	mutex_lock(&numbers_lock);
	/* Trace records have 16 bits for it, and 0 is Linux. */
	number = idr_alloc_cyclic(&numbers, vm, 1, U16_MAX + 1, GFP_KERNEL);
	mutex_unlock(&numbers_lock);
	return number;
}

static void number_free(int number)
{
	mutex_lock(&numbers_lock);
	idr_remove(&numbers, number);
	mutex_unlock(&numbers_lock);
}

static void vm_free(struct kref *references)
{
	struct rm_vm *vm = container_of(references, struct rm_vm, references);

	rm_memslots_free(vm);
	rm_ports_free(&vm->ports);
	if (vm->memory)
		visor_guest_memory_destroy(vm->memory);
	if (vm->number)
		number_free(vm->number);
	mmdrop(vm->mm);
	kvfree(vm);
}

void rm_vm_put(struct rm_vm *vm)
{
	kref_put(&vm->references, vm_free);
}

static struct rm_vm *vm_alloc(void)
{
	struct rm_vm *vm = kvzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	int number;
	u32 id;

	if (!vm)
		return ERR_PTR(-ENOMEM);
	kref_init(&vm->references);
	mutex_init(&vm->lock);
	init_rwsem(&vm->running);
	for (id = 0; id < RM_VCPUS; id++)
		vm->cpu_choice[id] = RMVISOR_CPU_ANY;
	vm->mm = current->mm;
	mmgrab(vm->mm);
	vm->memory = visor_guest_memory_create();
	number = number_alloc(vm);
	if (number > 0) {
		vm->number = number;
		rm_vm_names_forget(number);
	}
	if (vm->memory && number > 0)
		return vm;
	rm_vm_put(vm);
	return ERR_PTR(number < 0 ? number : -ENOMEM);
}

bool rm_vm_has_vcpus(const struct rm_vm *vm)
{
	u32 id;

	for (id = 0; id < RM_VCPUS; id++)
		if (vm->vcpus[id])
			return true;
	return false;
}

int rm_vm_stop_all(struct rm_vm *vm)
{
	u32 id;
	int r;

	atomic_inc(&vm->changes);
	/* A vCPU that clears its kick after this sees `changes` before it runs. */
	smp_mb__after_atomic();
	for (id = 0; id < RM_VCPUS; id++)
		if (vm->vcpus[id])
			mailbox_kick(vm->vcpus[id]->cpu);
	r = down_write_killable(&vm->running);
	if (!r && READ_ONCE(vm->stranded)) {
		up_write(&vm->running);
		r = -EIO;
	}
	if (r)
		atomic_dec(&vm->changes);
	return r;
}

void rm_vm_continue_all(struct rm_vm *vm)
{
	up_write(&vm->running);
	atomic_dec(&vm->changes);
}

static long set_memory_region(struct rm_vm *vm, void __user *argument)
{
	struct kvm_userspace_memory_region region;
	long r;

	if (copy_from_user(&region, argument, sizeof(region)))
		return -EFAULT;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	r = rm_memslot_set(vm, &region);
	mutex_unlock(&vm->lock);
	return r;
}

/* Where KVM would keep a TSS for real mode; unrestricted guest needs none. */
static long set_tss_addr(unsigned long address)
{
	return address > (unsigned int)(-3 * PAGE_SIZE) ? -EINVAL : 0;
}

static long set_identity_map_addr(struct rm_vm *vm, void __user *argument)
{
	u64 address;
	u32 id;

	for (id = 0; id < RM_VCPUS; id++)
		if (READ_ONCE(vm->vcpus[id]))
			return -EINVAL;
	return copy_from_user(&address, argument, sizeof(address)) ? -EFAULT : 0;
}

static long set_vcpu_cpu(struct rm_vm *vm, void __user *argument)
{
	struct rmvisor_vcpu_cpu choice;
	long r = 0;

	if (copy_from_user(&choice, argument, sizeof(choice)))
		return -EFAULT;
	if (choice.reserved[0] || choice.reserved[1] || choice.vcpu_id >= RM_VCPUS)
		return -EINVAL;
	if (choice.cpu != RMVISOR_CPU_ANY && dedicate_check(choice.cpu))
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	if (vm->vcpus[choice.vcpu_id])
		r = -EEXIST;
	else
		vm->cpu_choice[choice.vcpu_id] = choice.cpu;
	mutex_unlock(&vm->lock);
	return r;
}

static long pass_ports(struct rm_vm *vm, void __user *argument)
{
	struct rmvisor_ports ports;
	long r;

	if (copy_from_user(&ports, argument, sizeof(ports)))
		return -EFAULT;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	r = rm_vm_has_vcpus(vm) ? -EEXIST : rm_ports_pass(&vm->ports, &ports);
	mutex_unlock(&vm->lock);
	return r;
}

static long vm_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct rm_vm *vm = file->private_data;
	void __user *pointer = (void __user *)argument;

	/* As KVM: a VM belongs to the address space that made it. */
	if (vm->mm != current->mm)
		return -EIO;
	switch (command) {
	case KVM_CREATE_VCPU:
		return rm_vcpu_create(vm, argument);
	case KVM_SET_USER_MEMORY_REGION:
		return set_memory_region(vm, pointer);
	case KVM_SET_TSS_ADDR:
		return set_tss_addr(argument);
	case KVM_SET_IDENTITY_MAP_ADDR:
		return set_identity_map_addr(vm, pointer);
	case KVM_ENABLE_CAP:
		return rm_vm_enable_cap(vm, pointer);
	case KVM_SET_BOOT_CPU_ID:
		return rm_vm_set_boot_cpu_id(vm, argument);
	case KVM_CHECK_EXTENSION:
		return rm_check_extension(argument);
	case RMVISOR_PASS_PORTS:
		return pass_ports(vm, pointer);
	case RMVISOR_SET_NAME:
		return rm_vm_set_name(vm, pointer);
	case RMVISOR_SET_VCPU_CPU:
		return set_vcpu_cpu(vm, pointer);
	default:
		return -ENOTTY;
	}
}

static int vm_release(struct inode *inode, struct file *file)
{
	rm_vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.release = vm_release,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

long rm_vm_create(unsigned long type)
{
	struct rm_vm *vm;
	int fd;

	if (type)
		return -EINVAL;
	vm = vm_alloc();
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	fd = anon_inode_getfd("rmvisor-vm", &vm_fops, vm, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		rm_vm_put(vm);
	return fd;
}
