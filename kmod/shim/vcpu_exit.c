// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the visor's stop record to KVM's exit reasons in kvm_run.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/processor-flags.h>

#include <linux/rmvisor.h>

#include "guest_insn.h"
#include "ring.h"
#include "rm_cpu.h"
#include "vcpu.h"
#include "vcpu_exit.h"

/*
 * Port data lies in the page after struct kvm_run. User space may change
 * kvm_run at any time: nothing of it is read back, `stop` decides.
 */
static void report_io(struct rm_vcpu *vcpu)
{
	const struct visor_stop *stop = &vcpu->stop;
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_IO;
	run->io.direction = stop->in ? KVM_EXIT_IO_IN : KVM_EXIT_IO_OUT;
	run->io.size = stop->size;
	run->io.port = stop->port;
	run->io.count = stop->string ? vcpu->elements : 1;
	run->io.data_offset = PAGE_SIZE;
	if (!stop->in && !stop->string)
		memcpy(vcpu->port_data, &stop->data, sizeof(stop->data));
	vcpu->completion = (struct visor_run_args){
		.completion = VISOR_COMPLETE_IO,
		.elements = vcpu->elements,
	};
}

/* As KVM: emulation_failure.flags, the instruction's bytes if they are known, then the exit. */
static void report_emulation(struct rm_vcpu *vcpu)
{
	const struct visor_stop *stop = &vcpu->stop;
	const u64 data[] = { stop->exit_reason, stop->qualification, stop->guest_physical,
			     stop->guest_linear, stop->intr_info };
	struct kvm_run *run = vcpu->run;
	u32 first = 1, size;

	BUILD_BUG_ON(sizeof(run->emulation_failure.insn_bytes) != GUEST_INSN_BYTES);
	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = KVM_INTERNAL_ERROR_EMULATION;
	run->emulation_failure.flags = 0;
	size = guest_insn_fetch(vcpu, run->emulation_failure.insn_bytes);
	if (size) {
		run->emulation_failure.flags = KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
		run->emulation_failure.insn_size = size;
		first += 2;
	}
	memcpy(&run->internal.data[first], data, sizeof(data));
	run->internal.ndata = first + ARRAY_SIZE(data);
}

/* data[0..1] as KVM's: exit reason, CPU. */
static void report_unexpected(struct rm_vcpu *vcpu)
{
	const struct visor_stop *stop = &vcpu->stop;
	const u64 data[] = { stop->exit_reason, vcpu->cpu->number, stop->qualification,
			     stop->guest_physical, stop->guest_linear, stop->intr_info,
			     stop->instruction_error };
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON;
	run->internal.ndata = ARRAY_SIZE(data);
	memcpy(run->internal.data, data, sizeof(data));
}

/* As KVM: the exit reason of a failed entry, or the VM-instruction error. */
static void report_entry_failed(struct rm_vcpu *vcpu)
{
	const struct visor_stop *stop = &vcpu->stop;
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = stop->exit_reason ?: stop->instruction_error;
	run->fail_entry.cpu = vcpu->cpu->number;
	pr_info_ratelimited("rmvisor: CPU %u: entry of vm%u/%u failed: %s (exit reason %#x, qualification %#llx, instruction error %u)\n",
			    vcpu->cpu->number, vcpu->cpu->public->vm, vcpu->id,
			    visor_entry_rule_text(stop->rule), stop->exit_reason,
			    stop->qualification, stop->instruction_error);
}

static void report_debug(struct rm_vcpu *vcpu)
{
	const struct visor_stop *stop = &vcpu->stop;
	struct kvm_debug_exit_arch *arch = &vcpu->run->debug.arch;

	vcpu->run->exit_reason = KVM_EXIT_DEBUG;
	arch->exception = stop->debug_exception;
	arch->pc = stop->debug_pc;
	arch->dr6 = stop->debug_dr6;
	arch->dr7 = stop->debug_dr7;
}

static void fill_common(struct rm_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	run->if_flag = !!(vcpu->stop.rflags & X86_EFLAGS_IF);
	run->cr8 = vcpu->stop.cr8;
	run->apic_base = vcpu->stop.apic_base;
	run->flags = 0;
	run->ready_for_interrupt_injection = vcpu->stop.interrupt_ready;
}

static long report_reason(struct rm_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch ((enum visor_stop_reason)vcpu->stop.reason) {
	case VISOR_STOP_IO:
		/* No memory at the operand: user space may know what is there. */
		if (vcpu->stop.string && !vcpu->elements)
			report_emulation(vcpu);
		else
			report_io(vcpu);
		return 0;
	case VISOR_STOP_HLT:
		run->exit_reason = KVM_EXIT_HLT;
		return 0;
	case VISOR_STOP_SHUTDOWN:
		run->exit_reason = KVM_EXIT_SHUTDOWN;
		return 0;
	case VISOR_STOP_ENTRY_FAILED:
		report_entry_failed(vcpu);
		return 0;
	case VISOR_STOP_KICK:
		run->exit_reason = KVM_EXIT_INTR;
		return -EINTR;
	case VISOR_STOP_INTERRUPT_WINDOW:
		run->exit_reason = KVM_EXIT_IRQ_WINDOW_OPEN;
		return 0;
	case VISOR_STOP_INIT_STORM:
		run->exit_reason = RMVISOR_EXIT_INIT_STORM;
		pr_warn_ratelimited("rmvisor: CPU %u: physical INITs without end, vm%u/%u was stopped; the CPU is sound again when it is given back\n",
				    vcpu->cpu->number, vcpu->cpu->public->vm, vcpu->id);
		return 0;
	case VISOR_STOP_BUDGET:
		run->exit_reason = RMVISOR_EXIT_BUDGET;
		return 0;
	case VISOR_STOP_DEBUG:
		report_debug(vcpu);
		return 0;
	case VISOR_STOP_MEMORY:
		report_emulation(vcpu);
		return 0;
	case VISOR_STOP_NONE:
	case VISOR_STOP_PDPTES:
	case VISOR_STOP_UNHANDLED:
	case VISOR_STOP_VMX_ERROR:
		break;
	}
	report_unexpected(vcpu);
	return 0;
}

long rm_vcpu_report_exit(struct rm_vcpu *vcpu)
{
	fill_common(vcpu);
	return report_reason(vcpu);
}

void rm_vcpu_report_silence(struct rm_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = RMVISOR_EXIT_CPU_SILENT;
	run->internal.suberror = 0;
	run->internal.ndata = 2;
	run->internal.data[0] = vcpu->cpu->number;
	run->internal.data[1] = ring_last_reason(vcpu->cpu);
}
