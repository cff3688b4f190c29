// SPDX-License-Identifier: GPL-2.0-only
// owner_states STATE: the owner of a VM that gets there, prints "there", and stays until it is killed. "late" is a
// guest that ends by itself, a while after its owner has gone to sleep. Without arguments: the list of states.
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kvm_calls.h"

enum { load_address = 0x1000, memory_size = 0x10000 };

static const uint8_t forever[] = {0xeb, 0xfe};            // jmp $
static const uint8_t writes[] = {0xe6, 0x10, 0xeb, 0xfc}; // out 10h, al; jmp back
static const uint8_t reads[] = {0xe4, 0x20, 0xf4};        // in al, 20h; hlt
static const uint8_t halts[] = {0xfb, 0xf4, 0xeb, 0xfc};  // sti; hlt; jmp back
// mov ecx, 800000h; dec ecx; jnz back; hlt
static const uint8_t late[] = {0x66, 0xb9, 0, 0, 0x80, 0, 0x66, 0x49, 0x75, 0xfc, 0xf4};

static int device, vm, vcpu;
static struct kvm_run *run;

static void create_vm(bool with_apic) {
    vm = CALL(device, KVM_CREATE_VM, 0);
    if (!with_apic) return;
    struct kvm_enable_cap capability = {.cap = KVM_CAP_SPLIT_IRQCHIP};
    CALL(vm, KVM_ENABLE_CAP, &capability);
}

static void create_vcpu(void) {
    vcpu = CALL(vm, KVM_CREATE_VCPU, 0);
    run = map(CALL(device, KVM_GET_VCPU_MMAP_SIZE, 0), vcpu);
}

static void give_code(const uint8_t *code, size_t size) {
    uint8_t *memory = map(memory_size, -1);
    struct kvm_userspace_memory_region region = {.memory_size = memory_size,
                                                 .userspace_addr = (uintptr_t)memory};
    struct kvm_sregs system;
    struct kvm_regs registers = {.rip = load_address, .rsp = 0x8000, .rflags = 2};
    memcpy(memory + load_address, code, size);
    CALL(vm, KVM_SET_USER_MEMORY_REGION, &region);
    CALL(vcpu, KVM_GET_SREGS, &system);
    system.cs.base = 0;
    system.cs.selector = 0;
    CALL(vcpu, KVM_SET_SREGS, &system);
    CALL(vcpu, KVM_SET_REGS, &registers);
}

static void wait_here(void) {
    puts("there");
    fflush(stdout);
    for (;;) pause();
}

static void expect(uint32_t reason) {
    if (run->exit_reason != reason) errx(1, "exit reason %u", run->exit_reason);
}

static void run_once(uint32_t reason) {
    CALL(vcpu, KVM_RUN, 0);
    expect(reason);
}

// Exits for user space are answered, a signal's handler runs in between.
static void run_for_ever(void) {
    puts("there");
    fflush(stdout);
    for (;;)
        if (ioctl(vcpu, KVM_RUN, 0) < 0 && errno != EINTR) err(1, "KVM_RUN");
}

static void stop_oneself(int number) {
    (void)number;
    raise(SIGSTOP);
}

enum what { no_vcpu, fresh, without_start, is_run, is_asked, steps, stops, ends };

static const struct state {
    const char *name;
    enum what what;
    bool with_apic;
    const uint8_t *code;
    size_t size;
} states[] = {
    {"vm", no_vcpu, false, NULL, 0},
    {"fresh", fresh, false, NULL, 0},
    {"memory", fresh, false, forever, sizeof(forever)},
    {"running", is_run, false, forever, sizeof(forever)},
    {"exits", is_run, false, writes, sizeof(writes)},
    {"asked", is_asked, false, reads, sizeof(reads)},
    {"stepped", steps, false, forever, sizeof(forever)},
    {"stopped", stops, false, forever, sizeof(forever)},
    {"halted", is_run, true, halts, sizeof(halts)},
    {"unstarted", without_start, true, forever, sizeof(forever)},
    {"late", ends, false, late, sizeof(late)},
};

static void get_there(enum what what) {
    struct kvm_mp_state waiting = {.mp_state = KVM_MP_STATE_UNINITIALIZED};
    struct kvm_guest_debug step = {.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP};

    switch (what) {
    case no_vcpu:
    case fresh: wait_here(); break;
    case is_asked: run_once(KVM_EXIT_IO); wait_here(); break;
    case steps:
        CALL(vcpu, KVM_SET_GUEST_DEBUG, &step);
        run_once(KVM_EXIT_DEBUG);
        wait_here();
        break;
    case without_start: CALL(vcpu, KVM_SET_MP_STATE, &waiting); run_for_ever(); break;
    case stops:
        signal(SIGALRM, stop_oneself);
        alarm(1);
        run_for_ever();
        break;
    case is_run: run_for_ever(); break;
    case ends: run_once(KVM_EXIT_HLT); break;
    }
}

static const struct state *find(const char *name) {
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); ++i)
        if (!name) puts(states[i].name);
        else if (!strcmp(states[i].name, name)) return &states[i];
    return NULL;
}

int main(int count, char **arguments) {
    const struct state *state = find(arguments[1]);
    if (count > 1 && !state) errx(2, "no such state: %s", arguments[1]);
    if (!state) return 0;
    device = open("/dev/rmvisor", O_RDWR | O_CLOEXEC);
    if (device < 0) err(1, "/dev/rmvisor");
    create_vm(state->with_apic);
    if (state->what != no_vcpu) create_vcpu();
    if (state->code) give_code(state->code, state->size);
    get_there(state->what);
    return 0;
}
