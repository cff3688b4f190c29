// SPDX-License-Identifier: GPL-2.0-only
/*
 * x87, SSE and extended states: KVM's structs are images of FXSAVE and XSAVE.
 */
#include <linux/kvm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/fpu/types.h>

#include "mailbox.h"
#include "vcpu_ioctl.h"

/* The state is too big for a stack: the callers free it. */
static struct visor_fpu_state *load(struct rm_vcpu *vcpu)
{
	struct visor_fpu_state *state = kmalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);
	int r;

	if (!state)
		return ERR_PTR(-ENOMEM);
	r = mailbox_get_group(vcpu->cpu, VISOR_GROUP_FPU, state, sizeof(*state));
	if (!r)
		return state;
	kfree(state);
	return ERR_PTR(r);
}

static long store_and_free(struct rm_vcpu *vcpu, struct visor_fpu_state *state)
{
	long r = mailbox_set_group(vcpu->cpu, VISOR_GROUP_FPU, state, sizeof(*state));

	kfree(state);
	return r;
}

static struct xregs_state *image_of(struct visor_fpu_state *state)
{
	return (struct xregs_state *)state->area;
}

long rm_vcpu_get_fpu(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_fpu_state *state = load(vcpu);
	const struct fxregs_state *image;
	struct kvm_fpu fpu;

	if (IS_ERR(state))
		return PTR_ERR(state);
	image = &image_of(state)->i387;
	fpu = (struct kvm_fpu){
		.fcw = image->cwd, .fsw = image->swd, .ftwx = image->twd,
		.last_opcode = image->fop, .last_ip = image->rip, .last_dp = image->rdp,
		.mxcsr = image->mxcsr,
	};
	memcpy(fpu.fpr, image->st_space, sizeof(fpu.fpr));
	memcpy(fpu.xmm, image->xmm_space, sizeof(fpu.xmm));
	kfree(state);
	return copy_to_user(argument, &fpu, sizeof(fpu)) ? -EFAULT : 0;
}

/* As KVM: MXCSR is left alone. */
long rm_vcpu_set_fpu(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_fpu_state *state;
	struct fxregs_state *image;
	struct kvm_fpu fpu;

	if (copy_from_user(&fpu, argument, sizeof(fpu)))
		return -EFAULT;
	state = load(vcpu);
	if (IS_ERR(state))
		return PTR_ERR(state);
	image = &image_of(state)->i387;
	image->cwd = fpu.fcw;
	image->swd = fpu.fsw;
	image->twd = fpu.ftwx;
	image->fop = fpu.last_opcode;
	image->rip = fpu.last_ip;
	image->rdp = fpu.last_dp;
	memcpy(image->st_space, fpu.fpr, sizeof(fpu.fpr));
	memcpy(image->xmm_space, fpu.xmm, sizeof(fpu.xmm));
	if (boot_cpu_has(X86_FEATURE_XSAVE))
		image_of(state)->header.xfeatures |= XFEATURE_MASK_FPSSE;
	return store_and_free(vcpu, state);
}

long rm_vcpu_get_xsave(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_fpu_state *state = load(vcpu);
	long r;

	BUILD_BUG_ON(sizeof(struct kvm_xsave) != sizeof(state->area));
	if (IS_ERR(state))
		return PTR_ERR(state);
	r = copy_to_user(argument, state->area, sizeof(state->area)) ? -EFAULT : 0;
	kfree(state);
	return r;
}

long rm_vcpu_set_xsave(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_fpu_state *state = load(vcpu);

	if (IS_ERR(state))
		return PTR_ERR(state);
	if (!copy_from_user(state->area, argument, sizeof(state->area)))
		return store_and_free(vcpu, state);
	kfree(state);
	return -EFAULT;
}

long rm_vcpu_get_xcrs(struct rm_vcpu *vcpu, void __user *argument)
{
	struct visor_fpu_state *state = load(vcpu);
	struct kvm_xcrs *xcrs;
	long r;

	if (IS_ERR(state))
		return PTR_ERR(state);
	xcrs = kzalloc(sizeof(*xcrs), GFP_KERNEL_ACCOUNT);
	if (xcrs && boot_cpu_has(X86_FEATURE_XSAVE)) {
		xcrs->nr_xcrs = 1;
		xcrs->xcrs[0].value = state->xcr0;
	}
	kfree(state);
	if (!xcrs)
		return -ENOMEM;
	r = copy_to_user(argument, xcrs, sizeof(*xcrs)) ? -EFAULT : 0;
	kfree(xcrs);
	return r;
}

static long set_xcr0(struct rm_vcpu *vcpu, u64 value)
{
	struct visor_fpu_state *state = load(vcpu);

	if (IS_ERR(state))
		return PTR_ERR(state);
	state->xcr0 = value;
	return store_and_free(vcpu, state);
}

/* As KVM: the first entry for XCR0 counts, others are not looked at. */
static long set_xcrs(struct rm_vcpu *vcpu, const struct kvm_xcrs *xcrs)
{
	u32 i;

	if (!boot_cpu_has(X86_FEATURE_XSAVE) || xcrs->nr_xcrs > KVM_MAX_XCRS || xcrs->flags)
		return -EINVAL;
	for (i = 0; i < xcrs->nr_xcrs; i++)
		if (xcrs->xcrs[i].xcr == 0)
			return set_xcr0(vcpu, xcrs->xcrs[i].value);
	return 0;
}

long rm_vcpu_set_xcrs(struct rm_vcpu *vcpu, void __user *argument)
{
	struct kvm_xcrs *xcrs = memdup_user(argument, sizeof(*xcrs));
	long r;

	if (IS_ERR(xcrs))
		return PTR_ERR(xcrs);
	r = set_xcrs(vcpu, xcrs);
	kfree(xcrs);
	return r;
}
