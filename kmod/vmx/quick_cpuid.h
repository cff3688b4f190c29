/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Macros of entry.S: the exit that Linux takes again and again.
 */
#ifndef RMVISOR_QUICK_CPUID_H
#define RMVISOR_QUICK_CPUID_H

/* To .Lgeneral if there is more to the instruction than moving RIP; then moves it. */
	.macro SKIP_CPUID traced
	mov	$FIELD_GUEST_INTERRUPTIBILITY, %eax
	vmread	%rax, %rax
	test	$INSTRUCTION_SHADOW, %al
	jnz	.Lgeneral
	mov	$FIELD_GUEST_RFLAGS, %eax
	vmread	%rax, %rax
	test	$RFLAGS_TF, %eax
	jnz	.Lgeneral
	.if	\traced
	mov	$FIELD_GUEST_CS_ACCESS_RIGHTS, %eax
	vmread	%rax, %rax
	test	$CS_LONG_MODE, %eax
	jz	.Lgeneral
	.endif
	mov	$FIELD_EXIT_INSTRUCTION_LENGTH, %eax
	vmread	%rax, %rcx
	mov	$FIELD_GUEST_RIP, %edx
	vmread	%rdx, %rax
	add	%rcx, %rax
	vmwrite	%rax, %rdx
	jbe	.Lgeneral
	.endm

/* The ring's next slot. */
	.macro TRACE_SLOT to
	mov	%gs:CPU_TRACE + TRACE_HEAD, \to
	and	%gs:CPU_TRACE + TRACE_INDEX_MASK, \to
	shl	$RECORD_SHIFT, \to
	add	%gs:CPU_TRACE + TRACE_RECORDS, \to
	.endm

/* All of the record but its times. RAX: RIP past the instruction, RCX: its length. */
	.macro BEGIN_CPUID_RECORD
	TRACE_SLOT %rdx
	sub	%rcx, %rax
	mov	%rax, RECORD_RIP(%rdx)
	shl	$RECORD_LENGTH_SHIFT, %ecx
	or	$RECORD_OF_CPUID, %ecx
	mov	%ecx, RECORD_TYPE(%rdx)
	mov	%gs:CPU_NUMBER, %eax
	mov	%eax, RECORD_CPU(%rdx)
	movl	$(EXIT_REASON_CPUID << 16), RECORD_VCPU(%rdx)
	xor	%eax, %eax
	mov	%rax, RECORD_CS_BASE(%rdx)
	mov	%rax, RECORD_QUALIFICATION(%rdx)
	mov	%eax, RECORD_ERROR_CODE(%rdx)
	mov	GPRS_RAX(%rsp), %eax
	mov	%eax, RECORD_RAX(%rdx)
	mov	GPRS_RCX(%rsp), %eax
	mov	%eax, RECORD_RCX(%rdx)
	mov	GPRS_RDX(%rsp), %eax
	mov	%eax, RECORD_RDX(%rdx)
	.endm

/*
 * EDX:EAX: now. EAX becomes the ticks since the start. The head, which makes the
 * record valid, is stored last, and the CPU keeps stores in order.
 */
	.macro PUBLISH_CPUID_RECORD
	TRACE_SLOT %rcx
	shl	$32, %rdx
	or	%rax, %rdx
	sub	GPRS_RSP(%rsp), %eax
	mov	%eax, RECORD_ROOT_TICKS(%rcx)
	sub	%rax, %rdx
	mov	%rdx, RECORD_TSC(%rcx)
	mov	%gs:CPU_TRACE + TRACE_HEAD, %rdx
	add	$1, %rdx
	mov	%rdx, %gs:CPU_TRACE + TRACE_HEAD
	mov	%gs:CPU_TRACE + TRACE_MAP, %rcx
	mov	%rdx, MAP_HEAD(%rcx)
	.endm

/* EAX: ticks. As add_latency(). */
	.macro ADD_CPUID_LATENCY
	add	%rax, %gs:CPU_CPUID_STATS + STATS_TICKS
	or	$(1 << STATS_BUCKET_0_BIT), %eax
	bsr	%eax, %eax
	mov	$STATS_LAST_BUCKET_BIT, %ecx
	cmp	%ecx, %eax
	cmova	%ecx, %eax
	addq	$1, %gs:CPU_CPUID_STATS + STATS_HISTOGRAM - 8 * STATS_BUCKET_0_BIT(, %rax, 8)
	.endm

/*
 * CPUID, answered with nothing but what this takes; to .Lgeneral, which answers
 * it too, for every other exit and whatever is out of the ordinary: a leaf that
 * mirrors CR4, a shadow of STI or MOV SS or a trap at the end of the
 * instruction; where it is traced, code that is not 64-bit code. CPU_QUICK has
 * to allow it (exit/linux_cpuid.hpp says when). Only RAX, RCX and RDX are
 * changed; the frame's slot of RSP holds the start, and no other one is used,
 * since a machine check fills them.
 *
 * No VMREAD is looked at for failure: these fields are there on every CPU, so one
 * fails only if no VMCS is current, and then the VMWRITE fails too, before which
 * nothing has been done. No answer takes 2^32 ticks; CPUID itself is not in them.
 */
	.macro ANSWER_CPUID_OF_LINUX traced
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
1:	SKIP_CPUID \traced
	.if	\traced
	BEGIN_CPUID_RECORD
	.endif
	addq	$1, %gs:CPU_CPUID_STATS
	.if	\traced
	rdtsc
	PUBLISH_CPUID_RECORD
	testb	$QUICK_LATENCY, %gs:CPU_QUICK
	jz	2f
	.else
	testb	$QUICK_LATENCY, %gs:CPU_QUICK
	jz	2f
	rdtsc
	sub	GPRS_RSP(%rsp), %eax
	.endif
	ADD_CPUID_LATENCY
2:	mov	GPRS_RAX(%rsp), %eax
	mov	GPRS_RCX(%rsp), %ecx
	cpuid
	.endm

#endif
