// SPDX-License-Identifier: GPL-2.0-only
// All general registers after CPUID, of leaves that a hypervisor may answer in different ways.
#include <stdint.h>
#include <stdio.h>

#include "witness.h"

enum { REGISTERS = 15 }; /* all but RSP */

/* The leaf in EDI, where they go in RSI. Before, each has a pattern of its own in its upper half, too. */
void registers_after_cpuid(uint32_t leaf, uint64_t after[REGISTERS]);
asm(".text\n"
    "registers_after_cpuid:\n"
    "	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "	push %rsi\n"
    "	mov %edi, %eax\n"
    "	xor %ecx, %ecx\n"
    "	movabs $0xb100000000000003, %rbx\n"
    "	movabs $0xd100000000000002, %rdx\n"
    "	movabs $0xb500000000000005, %rbp\n"
    "	movabs $0x5100000000000006, %rsi\n"
    "	movabs $0xd700000000000007, %rdi\n"
    "	movabs $0x8000000000000008, %r8\n"
    "	movabs $0x9000000000000009, %r9\n"
    "	movabs $0xa00000000000000a, %r10\n"
    "	movabs $0xb00000000000000b, %r11\n"
    "	movabs $0xc00000000000000c, %r12\n"
    "	movabs $0xd00000000000000d, %r13\n"
    "	movabs $0xe00000000000000e, %r14\n"
    "	movabs $0xf00000000000000f, %r15\n"
    "	cpuid\n"
    "	xchg %rax, (%rsp)\n"
    "	mov %rcx, 8(%rax); mov %rdx, 16(%rax); mov %rbx, 24(%rax); mov %rbp, 32(%rax)\n"
    "	mov %rsi, 40(%rax); mov %rdi, 48(%rax); mov %r8, 56(%rax); mov %r9, 64(%rax)\n"
    "	mov %r10, 72(%rax); mov %r11, 80(%rax); mov %r12, 88(%rax); mov %r13, 96(%rax)\n"
    "	mov %r14, 104(%rax); mov %r15, 112(%rax)\n"
    "	pop (%rax)\n"
    "	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "	ret\n");

void show_registers(void)
{
	static const uint32_t leaves[] = {0, 1, 7, 0xd, 0x80000000};
	uint64_t after[REGISTERS];

	for (unsigned i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		registers_after_cpuid(leaves[i], after);
		printf("registers after cpuid %x:", leaves[i]);
		for (unsigned j = 0; j < REGISTERS; j++)
			printf(" %llx", (unsigned long long)after[j]);
		puts("");
	}
}
