/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions to be executed at CPL 3. Each stub may clobber what a C function may, and
 * faults.c comes back from a signal by a jump, so that the stack need not be right then.
 * Those that assemblers or CPUs may not know are written as bytes.
 */

	.macro stub name:req, body:req
	.section .rodata.str1.1, "aMS", @progbits, 1
9:	.asciz "\name"
	.text
	.p2align 4
8:	\body
	ret
	.section .data.rel.ro, "aw", @progbits
	.quad 9b, 8b
	.endm

	.section .data.rel.ro, "aw", @progbits
	.p2align 3
	.globl stubs
stubs:
	/* what every CPU refuses or traps */
	stub ud2, "ud2"
	stub ud1, ".byte 0x0f, 0xb9, 0xc0"
	stub int3, "int3"
	stub int1, ".byte 0xf1"
	stub int_20, "int $0x20"
	stub int_80, "mov $-1, %eax; int $0x80"
	stub divide_by_zero, "xor %ecx, %ecx; xor %edx, %edx; div %ecx"
	stub divide_overflow, "mov $1, %ecx; mov $1, %edx; div %ecx"
	stub read_null, "mov 0, %eax"
	stub write_code, "lea write_code_here(%rip), %rax; write_code_here: movb $0, (%rax)"
	stub non_canonical, "mov $0x8000000000000000, %rax; mov (%rax), %eax"
	stub non_canonical_stack, "push %rbp; mov $0x8000000000000000, %rbp; mov (%rbp), %eax"
	stub unaligned, "pushfq; orl $0x40000, (%rsp); popfq; mov unaligned_data+1(%rip), %eax"
	stub unaligned_sse, "movaps unaligned_data+1(%rip), %xmm0"
	stub lock_mov, ".byte 0xf0, 0x89, 0xc0"
	stub sixteen_bytes, ".fill 15, 1, 0x66; nop"
	stub trap_flag, "pushfq; orl $0x100, (%rsp); popfq; nop"
	stub trap_flag_cpuid, "push %rbx; pushfq; orl $0x100, (%rsp); popfq; cpuid; nop"
	stub bad_segment, "mov $0x1234, %eax; mov %ax, %ds"
	stub far_return, "push $0x10; push $0; lretq"

	/* what only CPL 0 may */
	stub hlt, "hlt"
	stub cli, "cli"
	stub sti, "sti"
	stub in, "in $0x80, %al"
	stub out, "out %al, $0x80"
	stub ins, "lea watched(%rip), %rdi; mov $0x80, %edx; insb"
	stub rdmsr, "mov $0x10, %ecx; rdmsr"
	stub wrmsr, "mov $0x10, %ecx; wrmsr"
	stub mov_from_cr0, "mov %cr0, %rax"
	stub mov_from_cr3, "mov %cr3, %rax"
	stub mov_from_cr4, "mov %cr4, %rax"
	stub mov_to_cr4, "mov %rax, %cr4"
	stub mov_from_cr8, "mov %cr8, %rax"
	stub mov_from_dr7, "mov %db7, %rax"
	stub mov_to_dr7, "mov %rax, %db7"
	stub lgdt, "lgdt unaligned_data(%rip)"
	stub lidt, "lidt unaligned_data(%rip)"
	stub lldt, "lldt %ax"
	stub ltr, "ltr %ax"
	stub lmsw, "lmsw %ax"
	stub clts, "clts"
	stub invlpg, "invlpg (%rsp)"
	stub invd, "invd"
	stub wbinvd, "wbinvd"
	stub swapgs, "swapgs"
	stub sysretq, "sysretq"
	stub sysexit, "sysexitl"
	stub xsetbv, "xor %ecx, %ecx; mov $7, %eax; xor %edx, %edx; xsetbv"
	stub xgetbv_9, "mov $9, %ecx; xgetbv"
	stub invpcid, "sub $24, %rsp; xor %eax, %eax; invpcid (%rsp), %rax"
	stub xsaves, "xor %eax, %eax; xor %edx, %edx; lea xsave_area(%rip), %rcx; xsaves (%rcx)"
	stub xrstors, "xor %eax, %eax; xor %edx, %edx; lea xsave_area(%rip), %rcx; xrstors (%rcx)"
	stub rsm, "rsm"
	stub monitor, "lea watched(%rip), %rax; xor %ecx, %ecx; xor %edx, %edx; monitor"
	stub mwait, "xor %eax, %eax; xor %ecx, %ecx; mwait"
	stub clac, "clac"
	stub stac, "stac"
	stub pconfig, "xor %eax, %eax; pconfig"
	stub encls, ".byte 0x0f, 0x01, 0xcf"
	stub enclv, ".byte 0x0f, 0x01, 0xc0"
	stub loadiwkey, ".byte 0xf3, 0x0f, 0x38, 0xdc, 0xc1"
	stub hreset, ".byte 0xf3, 0x0f, 0x3a, 0xf0, 0xc0, 0x00"
	stub uiret, ".byte 0xf3, 0x0f, 0x01, 0xec"

	/* VMX and its like */
	stub vmcall, "mov $1, %eax; vmcall"
	stub vmcall_0, "xor %eax, %eax; vmcall"
	stub vmcall_2, "mov $2, %eax; vmcall"
	stub vmlaunch, "vmlaunch"
	stub vmresume, "vmresume"
	stub vmxoff, "vmxoff"
	stub vmxon, "vmxon unaligned_data(%rip)"
	stub vmptrld, "vmptrld unaligned_data(%rip)"
	stub vmptrst, "vmptrst vmptrst_data(%rip)"
	stub vmclear, "vmclear unaligned_data(%rip)"
	stub vmread, "xor %eax, %eax; vmread %rax, %rcx"
	stub vmwrite, "xor %eax, %eax; vmwrite %rax, %rcx"
	stub invept, "xor %eax, %eax; invept unaligned_data(%rip), %rax"
	stub invvpid, "xor %eax, %eax; invvpid unaligned_data(%rip), %rax"
	stub vmfunc, "xor %eax, %eax; vmfunc"
	stub getsec, "xor %eax, %eax; getsec"
	stub seamcall, ".byte 0x66, 0x0f, 0x01, 0xcf"
	stub tdcall, ".byte 0x66, 0x0f, 0x01, 0xcc"
	stub seamret, ".byte 0x66, 0x0f, 0x01, 0xcd"
	stub vmmcall, "vmmcall"
	stub vmrun, ".byte 0x0f, 0x01, 0xd8"

	/* what a control of VMX must allow, and what CPL 3 may on some CPUs */
	stub rdtsc, "rdtsc"
	stub rdtscp, "rdtscp"
	stub rdpid, ".byte 0xf3, 0x0f, 0xc7, 0xf8"
	stub rdpmc, "xor %ecx, %ecx; rdpmc"
	stub rdrand, "rdrand %eax"
	stub rdseed, "rdseed %eax"
	stub pause, "pause"
	stub umonitor, "lea watched(%rip), %rax; .byte 0xf3, 0x0f, 0xae, 0xf0"
	stub umwait, "xor %eax, %eax; xor %edx, %edx; xor %ecx, %ecx; .byte 0xf2, 0x0f, 0xae, 0xf1"
	stub tpause, "xor %eax, %eax; xor %edx, %edx; xor %ecx, %ecx; .byte 0x66, 0x0f, 0xae, 0xf1"
	stub rdpkru, "xor %ecx, %ecx; .byte 0x0f, 0x01, 0xee"
	stub rdfsbase, "rdfsbase %rax"
	stub rdgsbase, "rdgsbase %rax"
	stub smsw, "smsw %ax"
	stub sgdt, "sgdt store_area(%rip)"
	stub sidt, "sidt store_area(%rip)"
	stub sldt, "sldt %ax"
	stub str, "str %ax"
	stub xend, ".byte 0x0f, 0x01, 0xd5"
	stub serialize, ".byte 0x0f, 0x01, 0xe8"
	stub endbr, ".byte 0xf3, 0x0f, 0x1e, 0xfa"
	stub incsspd, "xor %eax, %eax; .byte 0xf3, 0x0f, 0xae, 0xe8"
	.section .data.rel.ro, "aw", @progbits
	.quad 0, 0

	.data
	.p2align 6
xsave_area:
	.fill 4096
unaligned_data:
	.fill 64
vmptrst_data:
	.quad 0
store_area:
	.quad 0, 0

	.text
	.p2align 4
	/* What exits must not lose a single step, nor let a breakpoint behind them go by. */
	.globl step_target, step_target_end, break_on_cpuid, break_after_cpuid
step_target:
	push %rbx
	xor %eax, %eax
	xor %ecx, %ecx
break_on_cpuid:
	cpuid
break_after_cpuid:
	nop
	cpuid
	cpuid
	mov %ds, %eax
	mov %ss, %ecx
	mov %ecx, %ss
	cpuid			/* in the shadow of MOV SS */
	nop
	xor %ecx, %ecx
	rdtsc
	movl $1, watched(%rip)
	cpuid
	pop %rbx
step_target_end:
	ret
	.section .note.GNU-stack, "", @progbits
