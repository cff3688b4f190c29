// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/rmvisor. Numbers, structs and answers are KVM's; see
 * Documentation/virt/kvm/api.rst of the kernel.
 */
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <asm/cpufeature.h>

#include <linux/rmvisor.h>

#include "device.h"
#include "memslot.h"
#include "vcpu.h"
#include "vcpu_ioctl.h"
#include "vm.h"

/* Only what works. Everything else answers 0, as KVM does for what it lacks. */
static const struct {
	unsigned int extension;
	int value;
} extensions[] = {
	{ KVM_CAP_HLT, 1 },
	{ KVM_CAP_USER_MEMORY, 1 },
	{ KVM_CAP_SET_TSS_ADDR, 1 },
	{ KVM_CAP_SET_IDENTITY_MAP_ADDR, 1 },
	{ KVM_CAP_DESTROY_MEMORY_REGION_WORKS, 1 },
	{ KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, 1 },
	{ KVM_CAP_READONLY_MEM, 1 },
	{ KVM_CAP_NR_MEMSLOTS, RM_MEMSLOTS },
	{ KVM_CAP_MAX_VCPUS, RM_VCPUS },
	{ KVM_CAP_MAX_VCPU_ID, RM_VCPUS },
	{ KVM_CAP_IMMEDIATE_EXIT, 1 },
	{ KVM_CAP_INTERNAL_ERROR_DATA, 1 },
	{ KVM_CAP_CHECK_EXTENSION_VM, 1 },
	{ KVM_CAP_EXT_CPUID, 1 },
	{ KVM_CAP_XCRS, 1 },
	{ KVM_CAP_DEBUGREGS, 1 },
	{ KVM_CAP_MP_STATE, 1 },
	{ KVM_CAP_VCPU_EVENTS, 1 },
	{ KVM_CAP_USER_NMI, 1 },
	{ KVM_CAP_SET_GUEST_DEBUG, 1 },
	{ KVM_CAP_SYNC_REGS, KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS },
	{ KVM_CAP_ENABLE_CAP_VM, 1 },
	{ KVM_CAP_SPLIT_IRQCHIP, 1 },
	{ KVM_CAP_SET_BOOT_CPU_ID, 1 },
	{ KVM_CAP_TSC_DEADLINE_TIMER, 1 },
	{ RMVISOR_CAP_ABI, RMVISOR_ABI_VERSION },
};

long rm_check_extension(unsigned long extension)
{
	size_t i;

	/* Each vCPU needs a CPU of its own, and the boot CPU stays Linux's. */
	/* As KVM, which has the two calls either way. */
	if (extension == KVM_CAP_XSAVE)
		return boot_cpu_has(X86_FEATURE_XSAVE);
	if (extension == KVM_CAP_NR_VCPUS)
		return clamp_t(long, num_online_cpus() - 1, 1, RM_VCPUS);
	for (i = 0; i < ARRAY_SIZE(extensions); i++)
		if (extensions[i].extension == extension)
			return extensions[i].value;
	return 0;
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	void __user *pointer = (void __user *)argument;

	switch (command) {
	case KVM_GET_API_VERSION:
		return argument ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return rm_vm_create(argument);
	case KVM_GET_SUPPORTED_CPUID:
		return rm_get_supported_cpuid(pointer);
	case KVM_GET_MSR_INDEX_LIST:
		return rm_get_msr_index_list(pointer);
	case KVM_CHECK_EXTENSION:
		return rm_check_extension(argument);
	case KVM_GET_VCPU_MMAP_SIZE:
		return argument ? -EINVAL : RM_VCPU_MMAP_PAGES * PAGE_SIZE;
	default:
		/* As /dev/kvm answers; VM fds differ. */
		return -EINVAL;
	}
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = RMVISOR_DEVICE_NAME,
	.mode = 0600,
	.fops = &device_fops,
};

int rm_device_init(void)
{
	return misc_register(&device);
}

void rm_device_exit(void)
{
	misc_deregister(&device);
}
