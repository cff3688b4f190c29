// SPDX-License-Identifier: GPL-2.0-only
// System registers, events and debugging: values that a vCPU can't have.
#define _GNU_SOURCE
#include <err.h>
#include <linux/kvm.h>
#include <stdio.h>

#include "ask.h"

// ---- KVM_SET_SREGS ----

#define CR0_PE (1ull << 0)
#define CR0_NW (1ull << 29)
#define CR0_CD (1ull << 30)
#define CR0_PG (1ull << 31)
#define CR4_PAE (1ull << 5)
#define EFER_LME (1ull << 8)
#define EFER_LMA (1ull << 10)

struct change {
    const char* name;
    uint64_t cr0, cr3, cr4, efer, cr8;
    int code64;
    uint64_t interrupts;
};

static const struct change changes[] = {
    {.name = "sregs: NW without CD", .cr0 = CR0_NW},
    {.name = "sregs: CR8 of 16", .cr8 = 16},
    {.name = "sregs: 64-bit code without long mode", .code64 = 1},
    {.name = "sregs: LME and paging without PAE",
     .cr0 = CR0_PE | CR0_PG,
     .efer = EFER_LME | EFER_LMA},
    {.name = "sregs: LME and paging without LMA",
     .cr0 = CR0_PE | CR0_PG,
     .cr4 = CR4_PAE,
     .efer = EFER_LME},
    {.name = "sregs: long mode",
     .cr0 = CR0_PE | CR0_PG,
     .cr4 = CR4_PAE,
     .efer = EFER_LME | EFER_LMA},
    {.name = "sregs: CR3 beyond physical addresses",
     .cr0 = CR0_PE | CR0_PG,
     .cr3 = 1ull << 60,
     .cr4 = CR4_PAE,
     .efer = EFER_LME | EFER_LMA},
    {.name = "sregs: reserved bit of EFER", .efer = 1ull << 60},
    {.name = "sregs: upper half of CR4", .cr4 = 1ull << 33},
    {.name = "sregs: an interrupt in the bitmap", .interrupts = 1},
};

void ask_system_registers(int vcpu) {
    struct kvm_vcpu_events none = {0};
    struct kvm_sregs good;
    if (ioctl(vcpu, KVM_GET_SREGS, &good) < 0) err(1, "KVM_GET_SREGS");
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); ++i) {
        const struct change* change = &changes[i];
        struct kvm_sregs bad = good;
        bad.cr0 |= change->cr0;
        if (change->cr0 & CR0_NW) bad.cr0 &= ~CR0_CD;
        bad.cr3 = change->cr3;
        bad.cr4 |= change->cr4;
        bad.efer |= change->efer;
        bad.cr8 = change->cr8;
        bad.cs.l = (uint8_t)change->code64;
        bad.interrupt_bitmap[0] = change->interrupts;
        ASK(change->name, vcpu, KVM_SET_SREGS, &bad);
        if (ioctl(vcpu, KVM_SET_SREGS, &good) < 0) err(1, "KVM_SET_SREGS");
    }
    // KVM has taken the interrupt of the bitmap.
    if (ioctl(vcpu, KVM_SET_VCPU_EVENTS, &none) < 0) err(1, "KVM_SET_VCPU_EVENTS");
}

// ---- KVM_SET_VCPU_EVENTS, KVM_INTERRUPT, KVM_NMI ----

void ask_pending_events(int vcpu) {
    struct kvm_vcpu_events old, events;
    struct kvm_interrupt interrupt = {.irq = 0x21};
    char name[40];

    if (ioctl(vcpu, KVM_GET_VCPU_EVENTS, &old) < 0) err(1, "KVM_GET_VCPU_EVENTS");
    for (unsigned bit = 0; bit < 8; ++bit) {
        events = old;
        events.flags = 1u << bit;
        snprintf(name, sizeof(name), "events: flag %#x", events.flags);
        ASK(name, vcpu, KVM_SET_VCPU_EVENTS, &events);
    }
    events = (struct kvm_vcpu_events){.exception = {.injected = 1, .nr = 2}};
    ASK("events: NMI as an exception", vcpu, KVM_SET_VCPU_EVENTS, &events);
    events.exception.nr = 31;
    ASK("events: exception 31", vcpu, KVM_SET_VCPU_EVENTS, &events);
    old.flags = 0;
    ASK("events: as before", vcpu, KVM_SET_VCPU_EVENTS, &old);
    ASK("interrupt: one", vcpu, KVM_INTERRUPT, &interrupt);
    ASK("interrupt: a second one", vcpu, KVM_INTERRUPT, &interrupt);
    ASK("events: get with an interrupt", vcpu, KVM_GET_VCPU_EVENTS, &events);
    value("events: an interrupt is injected", events.interrupt.injected);
    value("events: its number", events.interrupt.nr);
    ASK("events: without it", vcpu, KVM_SET_VCPU_EVENTS, &old);
    ASK("nmi: with an argument", vcpu, KVM_NMI, 1);
    ASK("events: without an NMI", vcpu, KVM_SET_VCPU_EVENTS, &old);
}

// ---- KVM_SET_GUEST_DEBUG ----

void ask_guest_debug(int vcpu) {
    struct kvm_guest_debug debug = {.control = KVM_GUESTDBG_SINGLESTEP};
    struct kvm_vcpu_events none = {0};

    ASK("guest debug: steps, not enabled", vcpu, KVM_SET_GUEST_DEBUG, &debug);
    debug.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
    debug.arch.debugreg[7] = 0x400;
    ASK("guest debug: registers", vcpu, KVM_SET_GUEST_DEBUG, &debug);
    debug.control = KVM_GUESTDBG_ENABLE | 1u << 27;
    ASK("guest debug: unknown bit", vcpu, KVM_SET_GUEST_DEBUG, &debug);
    debug.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_BP;
    ASK("guest debug: inject #BP", vcpu, KVM_SET_GUEST_DEBUG, &debug);
    ASK("guest debug: another one on top", vcpu, KVM_SET_GUEST_DEBUG, &debug);
    ASK("guest debug: without them", vcpu, KVM_SET_VCPU_EVENTS, &none);
    debug.control = 0;
    ASK("guest debug: off", vcpu, KVM_SET_GUEST_DEBUG, &debug);
}
