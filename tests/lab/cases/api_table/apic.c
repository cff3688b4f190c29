// SPDX-License-Identifier: GPL-2.0-only
// A VM with local APICs (KVM_CAP_SPLIT_IRQCHIP).
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ask.h"

enum { irqchip_pins_max = 4096 };

static void ask_capability(int vm) {
    struct kvm_enable_cap cap = {.cap = 0x7fffff};
    ASK("capability: unknown", vm, KVM_ENABLE_CAP, &cap);
    cap.cap = KVM_CAP_SPLIT_IRQCHIP;
    cap.flags = 1;
    ASK("capability: flags", vm, KVM_ENABLE_CAP, &cap);
    cap.flags = 0;
    cap.args[0] = irqchip_pins_max + 1;
    ASK("capability: too many pins", vm, KVM_ENABLE_CAP, &cap);
    cap.args[0] = irqchip_pins_max;
    ASK("capability: local APICs", vm, KVM_ENABLE_CAP, &cap);
    ASK("capability: once more", vm, KVM_ENABLE_CAP, &cap);
    ASK("boot CPU: 0", vm, KVM_SET_BOOT_CPU_ID, 0);
}

static uint32_t reg(const struct kvm_lapic_state* apic, unsigned offset) {
    uint32_t word;
    memcpy(&word, apic->regs + offset, sizeof(word));
    return word;
}

static void ask_registers(int vcpu) {
    static const struct {
        const char* name;
        unsigned offset;
    } registers[] = {
        {"apic: ID", 0x20},
        {"apic: version", 0x30},
        {"apic: TPR", 0x80},
        {"apic: PPR", 0xa0},
        {"apic: LDR", 0xd0},
        {"apic: DFR", 0xe0},
        {"apic: SVR", 0xf0},
        {"apic: ISR", 0x100},
        {"apic: IRR", 0x200},
        {"apic: ESR", 0x280},
        {"apic: ICR", 0x300},
        {"apic: LVT timer", 0x320},
        {"apic: LVT thermal", 0x330},
        {"apic: LVT performance", 0x340},
        {"apic: LVT LINT0", 0x350},
        {"apic: LVT LINT1", 0x360},
        {"apic: LVT error", 0x370},
        {"apic: initial count", 0x380},
        {"apic: current count", 0x390},
        {"apic: divide", 0x3e0},
    };
    struct kvm_lapic_state apic;

    ASK("apic: get", vcpu, KVM_GET_LAPIC, &apic);
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); ++i)
        value(registers[i].name, reg(&apic, registers[i].offset));
    ASK("apic: round trip", vcpu, KVM_SET_LAPIC, &apic);
    ASK("apic: get, bad pointer", vcpu, KVM_GET_LAPIC, 8);
    ASK("apic: set, bad pointer", vcpu, KVM_SET_LAPIC, 8);
}

static void ask_states(int vcpu) {
    struct kvm_mp_state state;
    char name[40];
    for (uint32_t wanted = 0; wanted < 12; ++wanted) {
        state.mp_state = wanted;
        snprintf(name, sizeof(name), "mp state: %u with an APIC", wanted);
        ASK(name, vcpu, KVM_SET_MP_STATE, &state);
    }
    state.mp_state = KVM_MP_STATE_HALTED;
    ASK("mp state: halted", vcpu, KVM_SET_MP_STATE, &state);
    ASK("mp state: get", vcpu, KVM_GET_MP_STATE, &state);
    value("mp state: is", state.mp_state);
    state.mp_state = KVM_MP_STATE_RUNNABLE;
    ASK("mp state: runnable again", vcpu, KVM_SET_MP_STATE, &state);
}

// HLT is waited for inside: a RUN that must not wait comes back with EINTR.
static void ask_halt(int vcpu, struct kvm_run* run) {
    struct kvm_interrupt interrupt = {.irq = 0x30};
    struct kvm_mp_state state = {.mp_state = KVM_MP_STATE_HALTED};

    ASK("apic: halted", vcpu, KVM_SET_MP_STATE, &state);
    run->immediate_exit = 1;
    ASK("apic: a RUN that must not wait", vcpu, KVM_RUN, 0);
    run->cr8 = 16;
    ASK("apic: CR8 is the APIC's and not of kvm_run", vcpu, KVM_RUN, 0);
    run->immediate_exit = 0;
    ASK("apic: and it is", vcpu, KVM_GET_MP_STATE, &state);
    value("apic: still", state.mp_state);
    ASK("apic: KVM_INTERRUPT", vcpu, KVM_INTERRUPT, &interrupt);
    ASK("apic: a second KVM_INTERRUPT", vcpu, KVM_INTERRUPT, &interrupt);
    ASK("apic: KVM_NMI", vcpu, KVM_NMI, 0);
}

void ask_local_apic(const char* path) {
    const int device = open(path, O_RDWR | O_CLOEXEC);
    const int vm = ioctl(device, KVM_CREATE_VM, 0);
    if (device < 0 || vm < 0) err(1, "%s", path);
    struct kvm_enable_cap cap = {.cap = KVM_CAP_SPLIT_IRQCHIP};
    struct kvm_userspace_memory_region region = {.guest_phys_addr = 0xfee00000,
                                                 .memory_size = 4096};
    ask_capability(vm);
    const int vcpu = made("apic: vCPU", ioctl(vm, KVM_CREATE_VCPU, 0));
    ASK("boot CPU: after a vCPU", vm, KVM_SET_BOOT_CPU_ID, 0);
    ASK("capability: after a vCPU", vm, KVM_ENABLE_CAP, &cap);
    region.userspace_addr =
        (uintptr_t)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASK("slot: where the APIC is", vm, KVM_SET_USER_MEMORY_REGION, &region);
    struct kvm_run* run = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    if (run == MAP_FAILED) err(1, "mmap");
    ask_registers(vcpu);
    ask_states(vcpu);
    ask_halt(vcpu, run);
    munmap(run, 4096);
    close(vcpu);
    made("apic: the same vCPU after its close", ioctl(vm, KVM_CREATE_VCPU, 0));
    close(vm);
    close(device);
}
