// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPU fds: creation, mmap, ioctls, release.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <linux/rmvisor.h>

#include "dedicate.h"
#include "mailbox.h"
#include "vcpu.h"
#include "vcpu_ioctl.h"
#include "vm.h"
#include "vm_name.h"

static u64 guest_exits(const struct rm_cpu *c)
{
	unsigned int reason;
	u64 sum = 0;

	for (reason = 0; reason < RMV_EXIT_REASONS; reason++)
		sum += READ_ONCE(c->stats->guest_exits[reason].count);
	return sum;
}

bool rm_vcpu_has_apic(const struct rm_vcpu *vcpu)
{
	return vcpu->vm->apic != VISOR_APIC_NONE;
}

u64 rm_vcpu_exits(const struct rm_vcpu *vcpu)
{
	return guest_exits(vcpu->cpu) - vcpu->exits_before;
}

u64 rm_vcpu_smi_repairs(const struct rm_vcpu *vcpu)
{
	return READ_ONCE(vcpu->cpu->public->smi_repairs) - vcpu->smi_repairs_before;
}

/* While a guest ran there or was halted. */
static u64 smis_of(const struct rm_cpu *c)
{
	return READ_ONCE(c->public->guest_smis.count) + READ_ONCE(c->public->halted_smis.count);
}

static u64 smi_ticks_of(const struct rm_cpu *c)
{
	return READ_ONCE(c->public->guest_smis.ticks) + READ_ONCE(c->public->halted_smis.ticks);
}

void rm_vcpu_smis(const struct rm_vcpu *vcpu, u64 *smis, u64 *ticks)
{
	*smis = smis_of(vcpu->cpu) - vcpu->smis_before;
	*ticks = smi_ticks_of(vcpu->cpu) - vcpu->smi_ticks_before;
}

#ifdef RMVISOR_FAULT_INJECTION
/* Builds for tests: guests as they are where nobody has thought of a wrong RSM. */
static bool unguarded_rsm;
module_param(unguarded_rsm, bool, 0644);
MODULE_PARM_DESC(unguarded_rsm, "no repair of CR0 after an SMI (tests of rm_guest/rsm_guard.hpp)");
#else
static const bool unguarded_rsm;
#endif

static u64 zero_page_of(const struct rm_vm *vm)
{
	return unguarded_rsm ? 0 : visor_guest_memory_zero_page(vm->memory);
}

void rm_vcpu_memory_changed(struct rm_vcpu *vcpu)
{
	struct visor_public *public = vcpu->cpu->public;

	public->zero_page = zero_page_of(vcpu->vm);
	WRITE_ONCE(public->ept_generation, public->ept_generation + 1);
}

static void vcpu_free(struct rm_vcpu *vcpu)
{
	free_page((unsigned long)vcpu->port_data);
	free_page((unsigned long)vcpu->run);
	kfree(vcpu);
}

static struct rm_vcpu *vcpu_alloc(struct rm_vm *vm, u32 id)
{
	struct rm_vcpu *vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);

	BUILD_BUG_ON(sizeof(struct kvm_run) > PAGE_SIZE);
	if (!vcpu)
		return NULL;
	vcpu->vm = vm;
	vcpu->id = id;
	mutex_init(&vcpu->lock);
	vcpu->run = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	vcpu->port_data = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (vcpu->run && vcpu->port_data)
		return vcpu;
	vcpu_free(vcpu);
	return NULL;
}

static void put_vm(void *vm)
{
	rm_vm_put(vm);
}

/*
 * Gives the CPU back, or leaves that to later if it is silent. As long as it
 * isn't back the VM's memory stays; for ever if it is lost.
 */
static void vcpu_destroy(struct rm_vcpu *vcpu)
{
	dedicate_give_back(vcpu->cpu, put_vm, vcpu->vm);
	vcpu_free(vcpu);
}

/* Takes the CPU and puts the architecture's reset state on it. Holds a VM reference. */
static int vcpu_take_cpu(struct rm_vcpu *vcpu)
{
	struct rm_vm *vm = vcpu->vm;
	struct rm_cpu *c = dedicate_take(vm->cpu_choice[vcpu->id]);

	if (IS_ERR(c))
		return PTR_ERR(c);
	rm_vm_get(vm);
	vcpu->cpu = c;
	rm_vm_show_on(vm, c);
	vcpu->exits_before = guest_exits(c);
	vcpu->smis_before = smis_of(c);
	vcpu->smi_ticks_before = smi_ticks_of(c);
	vcpu->smi_repairs_before = READ_ONCE(c->public->smi_repairs);
	c->public->zero_page = zero_page_of(vm);
	return mailbox_reset(c, &(struct mailbox_vcpu){
		.ept_pointer = visor_guest_memory_ept_pointer(vm->memory),
		.io_bitmap = rm_ports_bitmap(&vm->ports),
		.vm = vm->number,
		.id = vcpu->id,
		.apic = vm->apic,
		.bootstrap = vcpu->id == vm->boot_vcpu,
	});
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct rm_vcpu *vcpu = file->private_data;

	mutex_lock(&vcpu->vm->lock);
	vcpu->vm->vcpus[vcpu->id] = NULL;
	mutex_unlock(&vcpu->vm->lock);
	vcpu_destroy(vcpu);
	return 0;
}

static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct rm_vcpu *vcpu = vmf->vma->vm_file->private_data;
	void *pages[RM_VCPU_MMAP_PAGES] = { vcpu->run, vcpu->port_data };

	if (vmf->pgoff >= RM_VCPU_MMAP_PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = virt_to_page(pages[vmf->pgoff]);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = { .fault = vcpu_fault };

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &vcpu_vm_ops;
	return 0;
}

static long vcpu_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct rm_vcpu *vcpu = file->private_data;
	long r;

	if (vcpu->vm->mm != current->mm)
		return -EIO;
	if (mutex_lock_killable(&vcpu->lock))
		return -EINTR;
	r = rm_vcpu_ioctl(vcpu, command, argument);
	mutex_unlock(&vcpu->lock);
	return r;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.release = vcpu_release,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.llseek = noop_llseek,
};

/* Under vm->lock. */
static long create(struct rm_vm *vm, u32 id)
{
	struct rm_vcpu *vcpu;
	long r;

	if (vm->vcpus[id])
		return -EEXIST;
	vcpu = vcpu_alloc(vm, id);
	if (!vcpu)
		return -ENOMEM;
	r = vcpu_take_cpu(vcpu);
	if (!r)
		r = anon_inode_getfd("rmvisor-vcpu", &vcpu_fops, vcpu, O_RDWR | O_CLOEXEC);
	if (r >= 0)
		vm->vcpus[id] = vcpu;
	else if (vcpu->cpu)
		vcpu_destroy(vcpu);
	else
		vcpu_free(vcpu);
	return r;
}

long rm_vcpu_create(struct rm_vm *vm, unsigned long id)
{
	long r;

	if (id >= RM_VCPUS)
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	r = create(vm, id);
	mutex_unlock(&vm->lock);
	return r;
}
