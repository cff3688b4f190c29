// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kvm.h>
#include <linux/uaccess.h>

#include "shim/mailbox.h"
#include "shim/vcpu_ioctl.h"
#include "shim/vcpu_regs.h"
#include "uapi_calls.h"

unsigned char *fake_user_begin, *fake_user_end;
static struct rm_vcpu vcpu;
static struct kvm_run run;

static int outside(const void *at, unsigned long bytes)
{
	const unsigned char *user = at;

	return user < fake_user_begin || user > fake_user_end ||
	       bytes > (unsigned long)(fake_user_end - user);
}

unsigned long copy_from_user(void *to, const void *from, unsigned long bytes)
{
	if (outside(from, bytes))
		return bytes;
	memcpy(to, from, bytes);
	return 0;
}

unsigned long copy_to_user(void *to, const void *from, unsigned long bytes)
{
	if (outside(to, bytes))
		return bytes;
	memcpy(to, from, bytes);
	return 0;
}

void uapi_user(void *begin, size_t bytes)
{
	fake_user_begin = begin;
	fake_user_end = fake_user_begin + bytes;
}

int mailbox_get_group(struct rm_cpu *c, enum visor_group group, void *data, size_t bytes)
{
	(void)c;
	return uapi_get_group(group, data, bytes);
}

int mailbox_set_group(struct rm_cpu *c, enum visor_group group, const void *data, size_t bytes)
{
	(void)c;
	return uapi_set_group(group, data, bytes);
}

int mailbox_move_msrs(struct rm_cpu *c, enum visor_command command, struct visor_msrs *msrs)
{
	(void)c;
	return uapi_move_msrs(command == VISOR_COMMAND_SET_STATE, msrs, sizeof(*msrs));
}

bool rm_vcpu_has_apic(const struct rm_vcpu *one)
{
	static struct visor_lapic_state lapic;

	(void)one;
	return uapi_get_group(VISOR_GROUP_LAPIC, &lapic, sizeof(lapic)) == 0;
}

#define PAIR(part)                                                                                 \
	static long get_##part(void *user) { return rm_vcpu_get_##part(&vcpu, user); }             \
	static long set_##part(void *user) { return rm_vcpu_set_##part(&vcpu, user); }
PAIR(regs)
PAIR(sregs)
PAIR(debugregs)
PAIR(events)
PAIR(mp_state)
PAIR(lapic)
PAIR(cpuid2)

static long set_guest_debug(void *user) { return rm_vcpu_set_guest_debug(&vcpu, user); }
static long interrupt(void *user) { return rm_vcpu_interrupt(&vcpu, user); }
static long set_msrs(void *user) { return rm_vcpu_move_msrs(&vcpu, VISOR_COMMAND_SET_STATE, user); }
static long get_msrs(void *user) { return rm_vcpu_move_msrs(&vcpu, VISOR_COMMAND_GET_STATE, user); }

const struct uapi_call uapi_calls[] = {
	{ "regs", sizeof(struct kvm_regs), 0, set_regs, get_regs },
	{ "sregs", sizeof(struct kvm_sregs), 0, set_sregs, get_sregs },
	{ "debugregs", sizeof(struct kvm_debugregs), 0, set_debugregs, get_debugregs },
	{ "events", sizeof(struct kvm_vcpu_events), 0, set_events, get_events },
	{ "mp_state", sizeof(struct kvm_mp_state), 0, set_mp_state, get_mp_state },
	{ "lapic", sizeof(struct kvm_lapic_state), 0, set_lapic, get_lapic },
	{ "cpuid2", sizeof(struct kvm_cpuid2), sizeof(struct kvm_cpuid_entry2), set_cpuid2, get_cpuid2 },
	{ "msrs", sizeof(struct kvm_msrs), sizeof(struct kvm_msr_entry), set_msrs, get_msrs },
	{ "guest_debug", sizeof(struct kvm_guest_debug), 0, set_guest_debug, NULL },
	{ "interrupt", sizeof(struct kvm_interrupt), 0, interrupt, NULL },
};
const unsigned int uapi_call_count = ARRAY_SIZE(uapi_calls);

void uapi_start(void)
{
	vcpu = (struct rm_vcpu){ .run = &run };
	run = (struct kvm_run){ };
}

void *uapi_run_page(void) { return &run; }
size_t uapi_run_bytes(void) { return sizeof(run); }
long uapi_take_sync_regs(void) { return rm_vcpu_take_sync_regs(&vcpu); }
long uapi_give_sync_regs(void) { return rm_vcpu_give_sync_regs(&vcpu); }
