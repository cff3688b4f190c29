/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A macro of entry.S: the exit that Linux takes again and again.
 */
#ifndef RMVISOR_QUICK_CPUID_H
#define RMVISOR_QUICK_CPUID_H

/*
 * CPUID, answered with nothing but what this takes; to .Lgeneral, which answers
 * it too, for every other exit and whatever is out of the ordinary: CPU_QUICK
 * does not allow it (exit/linux_cpuid.hpp says when), a leaf that mirrors CR4, a
 * shadow of STI or MOV SS or a trap at the end of the instruction. Only RAX, RCX
 * and RDX are changed.
 *
 * No VMREAD is looked at for failure: these fields are there on every CPU, so one
 * fails only if no VMCS is current, and then the VMWRITE fails too, before which
 * nothing has been done.
 */
	.macro ANSWER_CPUID_OF_LINUX
	testb	$QUICK_ANSWER, %gs:CPU_QUICK
	jz	.Lgeneral
	mov	$FIELD_EXIT_REASON, %eax
	vmread	%rax, %rax
	cmp	$EXIT_REASON_CPUID, %eax
	jne	.Lgeneral
	rdtsc
	mov	%eax, GPRS_RSP(%rsp)
	mov	GPRS_RAX(%rsp), %eax
	cmp	$HIGHEST_LEAF_OF_CR4, %eax
	ja	1f
	mov	$LEAVES_OF_CR4, %ecx
	bt	%eax, %ecx
	jc	.Lgeneral
1:	mov	$FIELD_GUEST_INTERRUPTIBILITY, %eax
	vmread	%rax, %rax
	test	$INSTRUCTION_SHADOW, %al
	jnz	.Lgeneral
	mov	$FIELD_GUEST_RFLAGS, %eax
	vmread	%rax, %rax
	test	$RFLAGS_TF, %eax
	jnz	.Lgeneral
	mov	$FIELD_EXIT_INSTRUCTION_LENGTH, %eax
	vmread	%rax, %rcx
	mov	$FIELD_GUEST_RIP, %edx
	vmread	%rdx, %rax
	add	%rcx, %rax
	vmwrite	%rax, %rdx
	jbe	.Lgeneral
	addq	$1, %gs:CPU_CPUID_STATS
	testb	$QUICK_LATENCY, %gs:CPU_QUICK
	jz	2f
	/* As add_latency(). CPUID itself is not in it, and no answer takes 2^32 ticks. */
	rdtsc
	sub	GPRS_RSP(%rsp), %eax
	add	%rax, %gs:CPU_CPUID_STATS + STATS_TICKS
	or	$(1 << STATS_BUCKET_0_BIT), %eax
	bsr	%eax, %eax
	mov	$STATS_LAST_BUCKET_BIT, %ecx
	cmp	%ecx, %eax
	cmova	%ecx, %eax
	addq	$1, %gs:CPU_CPUID_STATS + STATS_HISTOGRAM - 8 * STATS_BUCKET_0_BIT(, %rax, 8)
2:	mov	GPRS_RAX(%rsp), %eax
	mov	GPRS_RCX(%rsp), %ecx
	cpuid
	.endm

#endif
