// SPDX-License-Identifier: GPL-2.0-only
// KVM_INTERRUPT with its window, KVM_NMI, events of KVM_SET_VCPU_EVENTS.
#include "client.h"

#include <err.h>
#include <stdio.h>

#define CODE(name) extern const uint8_t name##_begin[], name##_end[]

// Each handler says its letter on port 80h.
asm(".pushsection .rodata\n.code16\n"
    "events_begin:\n"
    "  sti\n"
    "  nop\n"
    "  mov $'m', %al\n  out %al, $0x80\n"
    "  hlt\n"
    "  mov $'n', %al\n  out %al, $0x80\n"
    "  hlt\n"
    "events_irq:\n  push %ax\n  mov $'i', %al\n  out %al, $0x80\n  pop %ax\n  iret\n"
    "events_nmi:\n  push %ax\n  mov $'N', %al\n  out %al, $0x80\n  nop\n"
    "  mov $'e', %al\n  out %al, $0x80\n  pop %ax\n  iret\n"
    "events_de:\n  push %ax\n  mov $'D', %al\n  out %al, $0x80\n  pop %ax\n  iret\n"
    "events_end:\n"
    ".code64\n.popsection\n");
CODE(events);
extern const uint8_t events_irq[], events_nmi[], events_de[];

static void begin(struct client *client) {
    start(client, events_begin, events_end);
    set_vector(client, 0x20, events_begin, events_irq);
    set_vector(client, 2, events_begin, events_nmi);
    set_vector(client, 0, events_begin, events_de);
    client->run->request_interrupt_window = 0;
}

static void show_flags(struct client *client) {
    printf("if %u ready %u\n", client->run->if_flag, client->run->ready_for_interrupt_injection);
}

void interrupts(struct client *client) {
    struct kvm_interrupt vector = {.irq = 0x20};
    begin(client);
    client->run->request_interrupt_window = 1;
    expect_exit(client, KVM_EXIT_IRQ_WINDOW_OPEN);
    show_flags(client);
    printf("at +%u\n", (unsigned)(rip(client) - code_address));
    CALL(client->vcpu, KVM_INTERRUPT, &vector);
    client->run->request_interrupt_window = 0;
    run_to_halt(client);
    show_flags(client);
    CALL(client->vcpu, KVM_INTERRUPT, &vector);
    run_to_halt(client);
}

void nmis(struct client *client) {
    struct kvm_vcpu_events events;
    begin(client);
    expect_exit(client, KVM_EXIT_IO);
    CALL(client->vcpu, KVM_NMI, 0);
    expect_exit(client, KVM_EXIT_IO);  // N
    CALL(client->vcpu, KVM_GET_VCPU_EVENTS, &events);
    printf("nmi injected %u pending %u masked %u\n", events.nmi.injected, events.nmi.pending,
           events.nmi.masked);
    CALL(client->vcpu, KVM_NMI, 0);
    CALL(client->vcpu, KVM_NMI, 0);  // merges with the one before
    run_to_halt(client);
    CALL(client->vcpu, KVM_GET_VCPU_EVENTS, &events);
    printf("nmi injected %u pending %u masked %u\n", events.nmi.injected, events.nmi.pending,
           events.nmi.masked);
}

void pending_events(struct client *client) {
    struct kvm_vcpu_events events;
    begin(client);
    expect_exit(client, KVM_EXIT_IO);  // m
    client->run->immediate_exit = 1;
    if (call(client->vcpu, KVM_GET_VCPU_EVENTS, &events, "KVM_GET_VCPU_EVENTS") == 0)
        printf("shadow %u\n", events.interrupt.shadow);
    client->run->immediate_exit = 0;
    events.flags = 0;
    events.exception.injected = 1;
    events.exception.nr = 0;
    events.exception.has_error_code = 0;
    CALL(client->vcpu, KVM_SET_VCPU_EVENTS, &events);
    CALL(client->vcpu, KVM_GET_VCPU_EVENTS, &events);
    printf("exception injected %u nr %u\n", events.exception.injected, events.exception.nr);
    run_to_halt(client);
}
