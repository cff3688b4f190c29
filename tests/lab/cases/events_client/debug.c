// SPDX-License-Identifier: GPL-2.0-only
// KVM_SET_GUEST_DEBUG: single steps, breakpoints in code and in registers.
#include "client.h"

#include <stdio.h>

asm(".pushsection .rodata\n.code16\n"
    "debug_begin:\n"
    "  nop\n"
    "  mov $1, %ax\n"
    "  pushf\n"
    "  pop %bx\n"
    "  mov %ax, %ss\n"
    "  xor %cx, %cx\n"
    "  mov %cx, %ss\n"
    "  mov $0x8000, %sp\n"
    "debug_here:\n"
    "  movw $0x55, 0x9000\n"
    "  int3\n"
    "  out %al, $0x42\n"
    "  int $0x20\n"
    "  nop\n"
    "  hlt\n"
    "debug_handler:\n  inc %cx\n  iret\n"
    "debug_end:\n"
    ".code64\n.popsection\n");
// Nothing here that steps by TF and by the monitor trap flag take in a different way: MOV SS, PUSHF,
// the first instruction of a handler.
asm(".pushsection .rodata\n.code16\n"
    "step_begin:\n"
    "  nop\n"
    "  mov $1, %ax\n"
    "  xor %cx, %cx\n"
    "  out %al, $0x42\n"
    "  inc %cx\n"
    "  jmp step_on\n"
    "  hlt\n"
    "step_on:\n"
    "  push %cx\n"
    "  pop %dx\n"
    "step_halt:\n"
    "  hlt\n"
    "step_end:\n"
    ".code64\n.popsection\n");
extern const uint8_t step_begin[], step_halt[], step_end[];
extern const uint8_t debug_begin[], debug_here[], debug_handler[], debug_end[];

static void begin(struct client *client) {
    start(client, debug_begin, debug_end);
    set_vector(client, 0x20, debug_begin, debug_handler);
    set_vector(client, 3, debug_begin, debug_handler);
    set_vector(client, 1, debug_begin, debug_handler);
}

static void show_debug(struct client *client) {
    const struct kvm_debug_exit_arch *arch = &client->run->debug.arch;
    if (client->run->exit_reason == KVM_EXIT_DEBUG)
        printf("exception %u at +%llu dr6 %llx\n", arch->exception, arch->pc - code_address,
               arch->exception == 1 ? arch->dr6 & 0xe00f : 0);
}

void single_step(struct client *client) {
    struct kvm_guest_debug debug = {.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP};
    struct kvm_regs registers;
    start(client, step_begin, step_end);
    CALL(client->vcpu, KVM_SET_GUEST_DEBUG, &debug);
    for (unsigned i = 0; i < 30 && rip(client) < address_of(step_begin, step_halt); ++i) {
        run(client);
        show_debug(client);
    }
    CALL(client->vcpu, KVM_GET_REGS, &registers);
    printf("flags %llx dx %llx\n", registers.rflags & 0x100, registers.rdx);
    debug.control = 0;
    CALL(client->vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

void breakpoints(struct client *client) {
    struct kvm_guest_debug debug = {
        .control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP | KVM_GUESTDBG_USE_SW_BP};
    begin(client);
    debug.arch.debugreg[0] = address_of(debug_begin, debug_here);
    debug.arch.debugreg[1] = 0x9000;
    debug.arch.debugreg[7] = 0x400 | 0x1 | 0x4 | 0x5u << 20;  // execute; write of two bytes
    CALL(client->vcpu, KVM_SET_GUEST_DEBUG, &debug);
    expect_exit(client, KVM_EXIT_DEBUG);
    show_debug(client);
    // As a debugger goes on: past the instruction without the breakpoint on it.
    debug.arch.debugreg[7] = 0x400 | 0x4 | 0x5u << 20;
    CALL(client->vcpu, KVM_SET_GUEST_DEBUG, &debug);
    expect_exit(client, KVM_EXIT_DEBUG);
    show_debug(client);
    expect_exit(client, KVM_EXIT_DEBUG);
    show_debug(client);
    debug.control = 0;
    CALL(client->vcpu, KVM_SET_GUEST_DEBUG, &debug);
    run_to_halt(client);
}
