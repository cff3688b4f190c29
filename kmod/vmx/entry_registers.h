/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Macros of entry.S: the general registers into struct rmv_gprs and back.
 */
#ifndef RMVISOR_ENTRY_REGISTERS_H
#define RMVISOR_ENTRY_REGISTERS_H

/* struct rmv_gprs, from high to low addresses; the RSP slot stays unused. */
	.macro PUSH_GPRS
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%r11
	push	%r10
	push	%r9
	push	%r8
	push	%rdi
	push	%rsi
	push	%rbp
	push	$0
	push	%rbx
	push	%rdx
	push	%rcx
	push	%rax
	.endm

/* The same, where RSP points to the lowest already; the quick answer changes the first three alone. */
	.macro STORE_QUICK_GPRS
	mov	%rax, GPRS_RAX(%rsp)
	mov	%rcx, GPRS_RCX(%rsp)
	mov	%rdx, GPRS_RDX(%rsp)
	.endm

	.macro STORE_OTHER_GPRS frame
	mov	%rbx, GPRS_RBX(\frame)
	mov	%rbp, GPRS_RBP(\frame)
	mov	%rsi, GPRS_RSI(\frame)
	mov	%rdi, GPRS_RDI(\frame)
	mov	%r8, GPRS_R8(\frame)
	mov	%r9, GPRS_R9(\frame)
	mov	%r10, GPRS_R10(\frame)
	mov	%r11, GPRS_R11(\frame)
	mov	%r12, GPRS_R12(\frame)
	mov	%r13, GPRS_R13(\frame)
	mov	%r14, GPRS_R14(\frame)
	mov	%r15, GPRS_R15(\frame)
	.endm

/* Leaves the flags alone. */
	.macro POP_GPRS
	pop	%rax
	pop	%rcx
	pop	%rdx
	pop	%rbx
	lea	8(%rsp), %rsp
	pop	%rbp
	pop	%rsi
	pop	%rdi
	pop	%r8
	pop	%r9
	pop	%r10
	pop	%r11
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	.endm

#endif
