/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways in and out of root: launch, VM exit and entry, the way back to Linux, and root's exception
 * and NMI entry points. Declared for C++ in vmx/entry.hpp.
 *
 * NMIs that hit root are never handled there: the handler sets a flag, and the flag is tested last
 * before each VM entry (machine checks, in fault.cpp, likewise). Three rules make that free of windows:
 *  - between the test and the entry (resume_begin to resume_end) the handler sends the CPU back to
 *    the test, with RSP at the saved registers (the pops leave them intact);
 *  - while Linux is served the handler returns without IRET, so hardware keeps blocking NMIs until
 *    Linux's own IRET and latches a second one (SDM: Handling Multiple NMIs);
 *  - while a real-mode guest is served the flag means "look at the kick word", NMIs may merge, and
 *    the handler returns by IRET, so that the next kick gets through.
 */
#include "entry_offsets.h"
#include "entry_registers.h"
#include "quick_cpuid.h"

	.text

	.macro FUNCTION name
	.globl	\name
	.hidden	\name
	.type	\name, @function
	.balign	16
\name:
	.endm

	.macro END_FUNCTION name
	.size	\name, . - \name
	.endm

/*
 * Builds for tests: time between the last test of PENDING and the entry, and a count of the NMIs that
 * hit there. RCX is dead: POP_GPRS loads it.
 */
	.macro WIDEN_THE_WINDOW
#ifdef RMVISOR_FAULT_INJECTION
	mov	%gs:CPU_WINDOW_DELAY, %ecx
	jrcxz	8f
7:	sub	$1, %ecx
	jnz	7b
8:
#endif
	.endm

/* The same where every register is the guest's: the frame's slot of RSP counts. */
	.macro WIDEN_THE_QUICK_WINDOW
#ifdef RMVISOR_FAULT_INJECTION
	pushq	%gs:CPU_WINDOW_DELAY
	popq	GPRS_RSP(%rsp)
7:	cmpl	$0, GPRS_RSP(%rsp)
	je	8f
	subl	$1, GPRS_RSP(%rsp)
	jmp	7b
8:
#endif
	.endm

	.macro COUNT_WINDOW_NMI
#ifdef RMVISOR_FAULT_INJECTION
	incl	%gs:CPU_WINDOW_NMIS
#endif
	.endm

/*
 * Builds for tests: the least that an exit can do, for the benchmark to compare the others with:
 * save, read the reason, move RIP by the instruction's length, restore.
 */
	.macro ANSWER_FLOOR_LEAF
#ifdef RMVISOR_FAULT_INJECTION
	cmp	$FLOOR_LEAF, %eax
	jne	9f
	lea	GPRS_BYTES(%rsp), %rsp
	PUSH_GPRS
	mov	$FIELD_EXIT_REASON, %ecx
	vmread	%rcx, %rcx
	cmp	$EXIT_REASON_CPUID, %ecx
	jne	9f
	mov	$FIELD_EXIT_INSTRUCTION_LENGTH, %ecx
	vmread	%rcx, %rcx
	mov	$FIELD_GUEST_RIP, %edx
	vmread	%rdx, %rax
	add	%rcx, %rax
	vmwrite	%rax, %rdx
	POP_GPRS
	vmresume
	ud2
9:
#endif
	.endm

/*
 * u32 visor_launch_here(void): VMLAUNCH with the caller's own context as the guest's.
 * Returns 0 in the guest, 1 when VMLAUNCH itself failed (VMfail). After an entry that failed later,
 * the way out through visor_finish_leave comes here too, with what C++ put into RAX.
 */
FUNCTION visor_launch_here
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	pushfq
	mov	$FIELD_GUEST_RSP, %eax
	vmwrite	%rsp, %rax
	mov	$FIELD_GUEST_RIP, %eax
	lea	.Lin_guest(%rip), %rcx
	vmwrite	%rcx, %rax
	xor	%eax, %eax
	vmlaunch
	mov	$1, %eax
.Lin_guest:
	popfq
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	int3
END_FUNCTION visor_launch_here

/*
 * u64 visor_call(u64 number, u64 argument): VMCALL from Linux to the visor on this CPU, RAX and RSI.
 * All ones if the CPU is not in VMX operation (the #UD is fixed up by Linux's exception table).
 */
#define LINUX_EX_TYPE_DEFAULT 1
FUNCTION visor_call
	mov	%rdi, %rax
.Lvmcall:
	vmcall
	ret
	int3
.Lvmcall_fault:
	mov	$-1, %rax
	ret
	int3
	.pushsection __ex_table, "a"
	.balign	4
	.long	.Lvmcall - ., .Lvmcall_fault - ., LINUX_EX_TYPE_DEFAULT
	.popsection
END_FUNCTION visor_call

/* Where the trace is on: the same with a record. */
FUNCTION visor_answer_traced
	ANSWER_CPUID_OF_LINUX 1
	jmp	visor_quick_begin
END_FUNCTION visor_answer_traced

/*
 * Host RIP. RSP is the host RSP, which has room for the registers above it: CPU_FRAME. RFLAGS is 2,
 * GS base is struct Cpu.
 */
FUNCTION visor_vmexit
	STORE_QUICK_GPRS
	ANSWER_FLOOR_LEAF
	testb	$QUICK_ANSWER, %gs:CPU_QUICK
	jz	.Lno_plain_answer
	ANSWER_CPUID_OF_LINUX 0

	/* All registers are the guest's, and those in the frame are old. */
	.globl	visor_quick_begin
	.hidden	visor_quick_begin
visor_quick_begin:
	cmpl	$0, %gs:CPU_PENDING
	jnz	visor_quick_pending
	WIDEN_THE_QUICK_WINDOW
	vmresume
	STORE_QUICK_GPRS
	STORE_OTHER_GPRS %rsp
	jmp	visor_resume_end

	.globl	visor_quick_end
	.hidden	visor_quick_end
visor_quick_end:

	.globl	visor_quick_pending
	.hidden	visor_quick_pending
visor_quick_pending:
	mov	%gs:CPU_FRAME, %rsp
	STORE_QUICK_GPRS
	STORE_OTHER_GPRS %rsp
	jmp	visor_resume_pending

.Lno_plain_answer:
	testb	$QUICK_TRACE, %gs:CPU_QUICK
	jnz	visor_answer_traced
.Lgeneral:
	STORE_OTHER_GPRS %rsp
	mov	%rsp, %rdi
	mov	%gs:CPU_SELF, %rsi
	call	visor_handle_exit
	test	%eax, %eax
	jnz	.Lleave

	.globl	visor_resume_begin
	.hidden	visor_resume_begin
visor_resume_begin:
	cmpl	$0, %gs:CPU_PENDING
	jnz	visor_resume_pending
	WIDEN_THE_WINDOW
	cmpl	$0, %gs:CPU_VMCS_LAUNCHED
	POP_GPRS
	jz	1f
	vmresume
	jmp	2f
1:	vmlaunch
	/*
	 * VMfail: the general registers are the guest's again; the saved ones are intact, and must not
	 * lie below RSP when the NMI handler next returns to here.
	 */
2:	mov	%gs:CPU_FRAME, %rsp

	.globl	visor_resume_end
	.hidden	visor_resume_end
visor_resume_end:
	mov	%rsp, %rdi
	mov	%gs:CPU_SELF, %rsi
	call	visor_handle_entry_failure
	test	%eax, %eax
	jnz	.Lleave
	jmp	visor_resume_begin

	.globl	visor_resume_pending
	.hidden	visor_resume_pending
visor_resume_pending:
	mov	%gs:CPU_FRAME, %rsp
	mov	%rsp, %rdi
	mov	%gs:CPU_SELF, %rsi
	call	visor_handle_pending
	test	%eax, %eax
	jnz	.Lleave
	jmp	visor_resume_begin

.Lleave:
	mov	%gs:CPU_FRAME, %rsp
	mov	%rsp, %rdi
	mov	%gs:CPU_SELF, %rsi
	call	visor_finish_leave
	/* VMXOFF has failed: still in root, Linux's VMCS current, NMIs blocked. */
	test	%eax, %eax
	jz	visor_resume_begin
	/* Linux's world from here on, but for the stack: registers, then the frame C++ filled. */
	POP_GPRS
	iretq
	int3
END_FUNCTION visor_vmexit

/* Root's NMI handler, on its own IST stack. */
#define NMI_RBX 0
#define NMI_RAX 8
#define NMI_RIP 16
#define NMI_RFLAGS 32
#define NMI_RSP 40
FUNCTION visor_nmi
	push	%rax
	push	%rbx
	orl	$PENDING_NMI, %gs:CPU_PENDING
	lea	visor_quick_begin(%rip), %rax
	cmp	%rax, NMI_RIP(%rsp)
	jb	.Lnmi_return
	lea	visor_quick_end(%rip), %rax
	cmp	%rax, NMI_RIP(%rsp)
	jb	.Lnmi_quick
	lea	visor_resume_begin(%rip), %rax
	cmp	%rax, NMI_RIP(%rsp)
	jb	.Lnmi_return
	lea	visor_resume_end(%rip), %rax
	cmp	%rax, NMI_RIP(%rsp)
	jae	.Lnmi_return
	/* Past the test: go back to it. */
	COUNT_WINDOW_NMI
	cmpl	$0, %gs:CPU_NMI_RETURNS_BY_IRET
	je	visor_resume_pending
	lea	visor_resume_pending(%rip), %rax
	mov	%rax, NMI_RIP(%rsp)
	mov	%gs:CPU_FRAME, %rax
	mov	%rax, NMI_RSP(%rsp)
	jmp	.Lnmi_iret
.Lnmi_quick:
	/* Past the test of the quick answer, which is Linux's alone. */
	COUNT_WINDOW_NMI
	pop	%rbx
	pop	%rax
	jmp	visor_quick_pending
.Lnmi_return:
	cmpl	$0, %gs:CPU_NMI_RETURNS_BY_IRET
	jne	.Lnmi_iret
	/* Return without IRET: RIP, RFLAGS and RAX below the interrupted stack pointer (no red zone). */
	mov	NMI_RSP(%rsp), %rax
	mov	NMI_RIP(%rsp), %rbx
	mov	%rbx, -8(%rax)
	mov	NMI_RFLAGS(%rsp), %rbx
	mov	%rbx, -16(%rax)
	mov	NMI_RAX(%rsp), %rbx
	mov	%rbx, -24(%rax)
	mov	NMI_RBX(%rsp), %rbx
	lea	-24(%rax), %rsp
	pop	%rax
	popfq
	ret
	int3
.Lnmi_iret:
	pop	%rbx
	pop	%rax
	iretq
	int3
END_FUNCTION visor_nmi

/*
 * void visor_unblock_nmis(void): an IRET in root. Needed after an NMI exit (NMIs are then blocked,
 * SDM: Loading Host Non-Register State) where no guest IRET can be waited for.
 */
FUNCTION visor_unblock_nmis
	mov	%rsp, %rax
	mov	%ss, %ecx
	push	%rcx
	push	%rax
	pushfq
	mov	%cs, %ecx
	push	%rcx
	lea	1f(%rip), %rcx
	push	%rcx
	iretq
1:	ret
	int3
END_FUNCTION visor_unblock_nmis

/* Exception entry points, FAULT_STUB_BYTES apart; each leaves vector and error code on the stack. */
	.globl	visor_fault_stubs
	.hidden	visor_fault_stubs
	.type	visor_fault_stubs, @function
	.balign	FAULT_STUB_BYTES
visor_fault_stubs:
	.set	vector, 0
	.rept	FAULT_VECTORS
	.balign	FAULT_STUB_BYTES
	/* Vectors with an error code: SDM, Exception and Interrupt Vectors. */
	.if	(vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21)
	.else
	push	$0
	.endif
	push	$vector
	jmp	visor_fault_common
	.set	vector, vector + 1
	.endr
	.balign	FAULT_STUB_BYTES
	.size	visor_fault_stubs, . - visor_fault_stubs

/*
 * A fault amid the quick answer finds most registers of the guest live: the frame is made whole.
 * (None can come after it: the instructions from visor_quick_begin on touch nothing new.)
 *
 * C++ may have moved RIP, and RSP with it: to a fix-up, to the last test, to the entry that leaves.
 * Else the interrupted code goes on (a machine check), with every register as it was. The return
 * follows the rule for NMIs: by IRET only where a real-mode guest is served.
 */
#define FAULT_RIP (GPRS_BYTES + 16)
FUNCTION visor_fault_common
	PUSH_GPRS
	lea	visor_answer_traced(%rip), %rax
	cmp	%rax, FAULT_RIP(%rsp)
	jb	1f
	lea	visor_quick_begin(%rip), %rax
	cmp	%rax, FAULT_RIP(%rsp)
	jae	1f
	mov	%gs:CPU_FRAME, %rax
	STORE_OTHER_GPRS %rax
1:
	lea	GPRS_BYTES(%rsp), %rdi
	mov	%gs:CPU_SELF, %rsi
	cld
	call	visor_handle_fault
	test	%eax, %eax
	jnz	.Lleave
	POP_GPRS
	/* Over vector and error code; then the stack is as in visor_nmi. */
	lea	16(%rsp), %rsp
	push	%rax
	push	%rbx
	jmp	.Lnmi_return
END_FUNCTION visor_fault_common

/* ---- Instructions that may fault in root, with their fix-ups -------------------------------- */

	.macro FIXUP insn, target
	.pushsection .rodata.visor_fixups, "a"
	.quad	\insn, \target
	.popsection
	.endm

	.pushsection .rodata.visor_fixups, "a"
	.balign	8
	.globl	visor_fixups_begin
	.hidden	visor_fixups_begin
visor_fixups_begin:
	.popsection

/* bool visor_safe_rdmsr(u32 msr, u64 *value) */
FUNCTION visor_safe_rdmsr
	mov	%edi, %ecx
.Lrdmsr:
	rdmsr
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, (%rsi)
	mov	$1, %eax
	ret
	int3
.Lrdmsr_fault:
	xor	%eax, %eax
	ret
	int3
	FIXUP	.Lrdmsr, .Lrdmsr_fault
END_FUNCTION visor_safe_rdmsr

/* bool visor_safe_wrmsr(u32 msr, u64 value) */
FUNCTION visor_safe_wrmsr
	mov	%edi, %ecx
	mov	%esi, %eax
	mov	%rsi, %rdx
	shr	$32, %rdx
.Lwrmsr:
	wrmsr
	mov	$1, %eax
	ret
	int3
.Lwrmsr_fault:
	xor	%eax, %eax
	ret
	int3
	FIXUP	.Lwrmsr, .Lwrmsr_fault
END_FUNCTION visor_safe_wrmsr

/* bool visor_safe_xsetbv(u32 xcr, u64 value) */
FUNCTION visor_safe_xsetbv
	mov	%edi, %ecx
	mov	%esi, %eax
	mov	%rsi, %rdx
	shr	$32, %rdx
.Lxsetbv:
	xsetbv
	mov	$1, %eax
	ret
	int3
.Lxsetbv_fault:
	xor	%eax, %eax
	ret
	int3
	FIXUP	.Lxsetbv, .Lxsetbv_fault
END_FUNCTION visor_safe_xsetbv

	.pushsection .rodata.visor_fixups, "a"
	.globl	visor_fixups_end
	.hidden	visor_fixups_end
visor_fixups_end:
	.popsection

	.section .note.GNU-stack, "", @progbits
