// SPDX-License-Identifier: GPL-2.0-only
// What each ioctl of KVM's API answers, one line per question: api_table DEVICE. The case runs it
// on /dev/kvm and on /dev/rmvisor and compares the lines.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "patterns.h"

enum { page = 4096, memory_pages = 16 };

static int device, vm, vcpu;
static uint8_t* memory;
static struct kvm_run* run;
static int run_size;

// ---- the device ----

static void ask_device(void) {
    struct kvm_cpuid2* cpuid = calloc(1, sizeof(*cpuid) + 256 * sizeof(cpuid->entries[0]));
    struct kvm_msr_list list = {.nmsrs = 0};

    ASK("device: API version", device, KVM_GET_API_VERSION, 0);
    ASK("device: API version with an argument", device, KVM_GET_API_VERSION, 1);
    ASK("device: unknown number of KVM's", device, _IO(KVMIO, 0xf3), 0);
    ASK("device: another type", device, _IO('x', 0xf3), 0);
    ASK("device: unknown extension", device, KVM_CHECK_EXTENSION, 0x7fffff);
    ASK("device: KVM_CAP_USER_MEMORY", device, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY);
    ASK("device: KVM_CAP_XSAVE", device, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE);
    ASK("device: KVM_CAP_XCRS", device, KVM_CHECK_EXTENSION, KVM_CAP_XCRS);
    ASK("device: KVM_CAP_VCPU_EVENTS", device, KVM_CHECK_EXTENSION, KVM_CAP_VCPU_EVENTS);
    ASK("device: KVM_CAP_READONLY_MEM", device, KVM_CHECK_EXTENSION, KVM_CAP_READONLY_MEM);
    ASK("device: KVM_CAP_TSC_DEADLINE_TIMER", device, KVM_CHECK_EXTENSION,
        KVM_CAP_TSC_DEADLINE_TIMER);
    ASK("device: VM of a type that is not there", device, KVM_CREATE_VM, 77);
    ASK("device: mmap size with an argument", device, KVM_GET_VCPU_MMAP_SIZE, 1);
    ASK("device: CPUID, no room", device, KVM_GET_SUPPORTED_CPUID, cpuid);
    ASK("device: CPUID, bad pointer", device, KVM_GET_SUPPORTED_CPUID, 8);
    cpuid->nent = 256;
    ASK("device: CPUID", device, KVM_GET_SUPPORTED_CPUID, cpuid);
    ASK("device: MSR list, no room", device, KVM_GET_MSR_INDEX_LIST, &list);
    yes_or_no("device: and says how many", list.nmsrs > 0);
    ASK("device: MSR list, bad pointer", device, KVM_GET_MSR_INDEX_LIST, 8);
    free(cpuid);
}

// ---- memory slots ----

static struct kvm_userspace_memory_region slot(uint32_t number, uint32_t flags, uint64_t physical,
                                               uint64_t pages, uint64_t first_page) {
    return (struct kvm_userspace_memory_region){
        .slot = number,
        .flags = flags,
        .guest_phys_addr = physical,
        .memory_size = pages * page,
        .userspace_addr = (uintptr_t)memory + first_page * page,
    };
}

static void ask_slot(const char* name, struct kvm_userspace_memory_region region) {
    row(name, ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region));
}

static void ask_slots(void) {
    struct kvm_userspace_memory_region bad = slot(0, 0, 0, 4, 0);

    ASK("slot: bad pointer", vm, KVM_SET_USER_MEMORY_REGION, 8);
    bad.memory_size += 1;
    ask_slot("slot: size not aligned", bad);
    bad = slot(0, 0, 0x10, 4, 0);
    ask_slot("slot: guest address not aligned", bad);
    bad = slot(0, 0, 0, 4, 0);
    bad.userspace_addr += 0x10;
    ask_slot("slot: user address not aligned", bad);
    bad.userspace_addr = 0xffff800000000000;
    ask_slot("slot: user address is the kernel's", bad);
    ask_slot("slot: unknown flag", slot(0, 1u << 9, 0, 4, 0));
    ask_slot("slot: number too big", slot(0xfffe, 0, 0, 4, 0));
    ask_slot("slot: wraps", slot(0, 0, -(uint64_t)page, 4, 0));
    ask_slot("slot: delete what is not there", slot(3, 0, 0, 0, 0));
    ask_slot("slot: create", slot(0, 0, 0, 4, 0));
    ask_slot("slot: the same again", slot(0, 0, 0, 4, 0));
    ask_slot("slot: overlap by another", slot(1, 0, 3 * page, 4, 4));
    ask_slot("slot: another beside it", slot(1, 0, 4 * page, 4, 4));
    ask_slot("slot: other size", slot(0, 0, 0, 3, 0));
    ask_slot("slot: other user address", slot(0, 0, 0, 4, 8));
    ask_slot("slot: becomes read-only", slot(0, KVM_MEM_READONLY, 0, 4, 0));
    ask_slot("slot: moves", slot(1, 0, 0x100000, 4, 4));
    ask_slot("slot: moves onto the other", slot(1, 0, 2 * page, 4, 4));
    ask_slot("slot: moves back", slot(1, 0, 4 * page, 4, 4));
    ask_slot("slot: read-only one", slot(2, KVM_MEM_READONLY, 8 * page, 2, 8));
    ask_slot("slot: delete it", slot(2, 0, 0, 0, 0));
    ask_slot("slot: delete it again", slot(2, 0, 0, 0, 0));
}

// ---- the VM ----

static void ask_vm(void) {
    uint64_t identity_map = 0xfffbc000;

    ASK("vm: unknown number of KVM's", vm, _IO(KVMIO, 0xf3), 0);
    ASK("vm: another type", vm, _IO('x', 0xf3), 0);
    ASK("vm: a call of the device", vm, KVM_GET_API_VERSION, 0);
    ASK("vm: extension", vm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY);
    ASK("vm: TSS address", vm, KVM_SET_TSS_ADDR, 0xfffbd000);
    ASK("vm: TSS address too high", vm, KVM_SET_TSS_ADDR, 0xfffff000);
    ASK("vm: identity map", vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
    ASK("vm: identity map, bad pointer", vm, KVM_SET_IDENTITY_MAP_ADDR, 8);
    yes_or_no("vm: close on exec", fcntl(vm, F_GETFD) & FD_CLOEXEC);
    ask_slots();
    ASK("vm: vCPU of a large id", vm, KVM_CREATE_VCPU, 0x100000);
    vcpu = made("vm: vCPU", ioctl(vm, KVM_CREATE_VCPU, 0));
    made("vm: the same vCPU again", ioctl(vm, KVM_CREATE_VCPU, 0));
    ASK("vm: identity map after a vCPU", vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
    yes_or_no("vcpu: close on exec", fcntl(vcpu, F_GETFD) & FD_CLOEXEC);
}

// ---- registers ----

static void show_segment(const char* name, const struct kvm_segment* s) {
    printf("reset: %s: %04x base %#llx limit %#x type %u s %u dpl %u p %u db %u l %u g %u u %u\n",
           name, s->selector, (unsigned long long)s->base, s->limit, s->type, s->s, s->dpl,
           s->present, s->db, s->l, s->g, s->unusable);
}

static void show_vectors(void) {
    enum { xmm = 160, xmm_end = 416, extended = 576 };
    static struct kvm_xsave xsave;
    const uint8_t* image = (const uint8_t*)xsave.region;

    ASK("reset: extended states", vcpu, KVM_GET_XSAVE, &xsave);
    yes_or_no("reset: something in XMM registers", has_bytes(image, xmm, xmm_end));
    yes_or_no("reset: something in extended registers",
              has_bytes(image, extended, sizeof(xsave.region)));
}

static void show_reset(void) {
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_debugregs debug;
    struct kvm_mp_state mp = {.mp_state = 99};
    struct kvm_vcpu_events events;

    ASK("reset: registers", vcpu, KVM_GET_REGS, &regs);
    ASK("reset: system registers", vcpu, KVM_GET_SREGS, &sregs);
    value("reset: RIP", regs.rip);
    value("reset: RFLAGS", regs.rflags);
    value("reset: RAX", regs.rax);
    value("reset: RSP", regs.rsp);
    show_segment("CS", &sregs.cs);
    show_segment("DS", &sregs.ds);
    show_segment("ES", &sregs.es);
    show_segment("FS", &sregs.fs);
    show_segment("GS", &sregs.gs);
    show_segment("SS", &sregs.ss);
    show_segment("TR", &sregs.tr);
    show_segment("LDT", &sregs.ldt);
    value("reset: GDT limit", sregs.gdt.limit);
    value("reset: IDT limit", sregs.idt.limit);
    value("reset: CR0", sregs.cr0);
    value("reset: CR4", sregs.cr4);
    value("reset: EFER", sregs.efer);
    value("reset: APIC base", sregs.apic_base);
    ASK("reset: debug registers", vcpu, KVM_GET_DEBUGREGS, &debug);
    value("reset: DR6", debug.dr6);
    value("reset: DR7", debug.dr7);
    ASK("reset: MP state", vcpu, KVM_GET_MP_STATE, &mp);
    value("reset: MP state is", mp.mp_state);
    ASK("reset: events", vcpu, KVM_GET_VCPU_EVENTS, &events);
    value("reset: interrupt shadow", events.interrupt.shadow);
    value("reset: NMIs masked", events.nmi.masked);
}

static struct kvm_sregs real_mode(void) {
    struct kvm_sregs sregs;
    if (ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0) err(1, "KVM_GET_SREGS");
    return sregs;
}

static void ask_sregs(void) {
    struct kvm_sregs bad = real_mode();

    bad.cr0 |= 1u << 31;
    ASK("sregs: paging without protection", vcpu, KVM_SET_SREGS, &bad);
    bad = real_mode();
    bad.efer |= 1u << 10;
    ASK("sregs: LMA without paging", vcpu, KVM_SET_SREGS, &bad);
    bad = real_mode();
    bad.cr4 |= 1ull << 40;
    ASK("sregs: reserved bit of CR4", vcpu, KVM_SET_SREGS, &bad);
    bad = real_mode();
    bad.cr0 |= 1ull << 40;
    ASK("sregs: upper half of CR0", vcpu, KVM_SET_SREGS, &bad);
    ASK("sregs: bad pointer", vcpu, KVM_SET_SREGS, 8);
    ask_system_registers(vcpu);
    bad = real_mode();
    ASK("sregs: round trip", vcpu, KVM_SET_SREGS, &bad);
    ASK("regs: bad pointer", vcpu, KVM_GET_REGS, 8);
}

static void ask_fpu(void) {
    struct kvm_fpu fpu;
    struct kvm_xcrs xcrs = {0};
    static struct kvm_xsave xsave;

    ASK("fpu: get", vcpu, KVM_GET_FPU, &fpu);
    fpu.fcw = 0x27f;
    memset(fpu.xmm[3], 0xa5, sizeof(fpu.xmm[3]));
    ASK("fpu: set", vcpu, KVM_SET_FPU, &fpu);
    memset(&fpu, 0, sizeof(fpu));
    ASK("fpu: get again", vcpu, KVM_GET_FPU, &fpu);
    value("fpu: FCW", fpu.fcw);
    value("fpu: byte of XMM3", fpu.xmm[3][5]);
    ASK("fpu: bad pointer", vcpu, KVM_SET_FPU, 8);
    ASK("xsave: get", vcpu, KVM_GET_XSAVE, &xsave);
    value("xsave: FCW", xsave.region[0] & 0xffff);
    ASK("xsave: round trip", vcpu, KVM_SET_XSAVE, &xsave);
    xsave.region[128] |= 1u << 30;  // XSTATE_BV
    ASK("xsave: unknown component", vcpu, KVM_SET_XSAVE, &xsave);
    xsave.region[128] &= ~(1u << 30);
    xsave.region[6] = 0xffffffff;  // MXCSR
    ASK("xsave: reserved bits of MXCSR", vcpu, KVM_SET_XSAVE, &xsave);
    ASK("xcrs: get", vcpu, KVM_GET_XCRS, &xcrs);
    value("xcrs: how many", xcrs.nr_xcrs);
    value("xcrs: XCR0", xcrs.xcrs[0].value);
    ASK("xcrs: round trip", vcpu, KVM_SET_XCRS, &xcrs);
    xcrs.xcrs[0].value = 0;
    ASK("xcrs: without x87", vcpu, KVM_SET_XCRS, &xcrs);
    xcrs.xcrs[0].value = 5;
    ASK("xcrs: AVX without SSE", vcpu, KVM_SET_XCRS, &xcrs);
    xcrs.nr_xcrs = KVM_MAX_XCRS + 1;
    ASK("xcrs: too many", vcpu, KVM_SET_XCRS, &xcrs);
    xcrs = (struct kvm_xcrs){.flags = 1};
    ASK("xcrs: flags", vcpu, KVM_SET_XCRS, &xcrs);
}

static void ask_debug(void) {
    struct kvm_debugregs debug = {.db = {1, 2, 3, 0x123456789abc}, .dr6 = 0xffff0ff0, .dr7 = 0x400};

    ASK("debug: set", vcpu, KVM_SET_DEBUGREGS, &debug);
    memset(&debug, 0, sizeof(debug));
    ASK("debug: get", vcpu, KVM_GET_DEBUGREGS, &debug);
    value("debug: DB3", debug.db[3]);
    debug.flags = 1;
    ASK("debug: flags", vcpu, KVM_SET_DEBUGREGS, &debug);
    debug.flags = 0;
    debug.dr7 = 1ull << 32;
    ASK("debug: upper half of DR7", vcpu, KVM_SET_DEBUGREGS, &debug);
    debug.dr7 = 0x400;
    debug.dr6 = 1ull << 32;
    ASK("debug: upper half of DR6", vcpu, KVM_SET_DEBUGREGS, &debug);
}

struct msrs {
    struct kvm_msrs header;
    struct kvm_msr_entry entries[4];
};

static void ask_msrs(void) {
    struct msrs msrs = {
        .header = {.nmsrs = 3},
        .entries = {{.index = 0x174, .data = 8}, {.index = 0x12345, .data = 1}, {.index = 0x174}},
    };

    ASK("msrs: set, the second is unknown", vcpu, KVM_SET_MSRS, &msrs);
    msrs.entries[0].data = 0;
    ASK("msrs: get, the second is unknown", vcpu, KVM_GET_MSRS, &msrs);
    value("msrs: SYSENTER_CS", msrs.entries[0].data);
    msrs.header.nmsrs = 1;
    msrs.entries[0] = (struct kvm_msr_entry){.index = 0x277, .data = 0x0202020202020202};
    ASK("msrs: PAT of a bad type", vcpu, KVM_SET_MSRS, &msrs);
    msrs.entries[0].data = 0x0606060606060606;
    ASK("msrs: PAT", vcpu, KVM_SET_MSRS, &msrs);
    msrs.header.nmsrs = 256;
    ASK("msrs: too many", vcpu, KVM_GET_MSRS, &msrs);
    msrs.header.nmsrs = 0;
    ASK("msrs: none", vcpu, KVM_GET_MSRS, &msrs);
    ASK("msrs: bad pointer", vcpu, KVM_GET_MSRS, 8);
}

static void ask_cpuid(void) {
    struct kvm_cpuid2* cpuid = calloc(1, sizeof(*cpuid) + 8 * sizeof(cpuid->entries[0]));

    cpuid->nent = 100000;
    ASK("cpuid: too many", vcpu, KVM_SET_CPUID2, cpuid);
    cpuid->nent = 2;
    cpuid->entries[0] = (struct kvm_cpuid_entry2){.function = 0, .eax = 1, .ebx = 0x11223344};
    cpuid->entries[1] = (struct kvm_cpuid_entry2){.function = 0x80000008, .eax = 0x7724};
    ASK("cpuid: linear addresses of 119 bits", vcpu, KVM_SET_CPUID2, cpuid);
    cpuid->entries[1].eax = 0x3024;
    ASK("cpuid: set", vcpu, KVM_SET_CPUID2, cpuid);
    cpuid->nent = 1;
    ASK("cpuid: get, no room", vcpu, KVM_GET_CPUID2, cpuid);
    cpuid->nent = 8;
    cpuid->entries[0].ebx = 0;
    ASK("cpuid: get", vcpu, KVM_GET_CPUID2, cpuid);
    value("cpuid: EBX of leaf 0", cpuid->entries[0].ebx);
    free(cpuid);
}

// ---- events ----

static void ask_events(void) {
    struct kvm_vcpu_events events = {.flags = 1u << 20};
    struct kvm_interrupt interrupt = {.irq = 256};
    struct kvm_mp_state mp = {.mp_state = 77};
    struct kvm_lapic_state lapic;

    ASK("events: unknown flag", vcpu, KVM_SET_VCPU_EVENTS, &events);
    events = (struct kvm_vcpu_events){.exception = {.injected = 1, .nr = 32}};
    ASK("events: exception 32", vcpu, KVM_SET_VCPU_EVENTS, &events);
    ASK("events: get", vcpu, KVM_GET_VCPU_EVENTS, &events);
    ASK("events: round trip", vcpu, KVM_SET_VCPU_EVENTS, &events);
    ASK("interrupt: 256", vcpu, KVM_INTERRUPT, &interrupt);
    ASK("mp state: unknown", vcpu, KVM_SET_MP_STATE, &mp);
    mp.mp_state = KVM_MP_STATE_HALTED;
    ASK("mp state: halted without a local APIC", vcpu, KVM_SET_MP_STATE, &mp);
    mp.mp_state = KVM_MP_STATE_RUNNABLE;
    ASK("mp state: runnable", vcpu, KVM_SET_MP_STATE, &mp);
    ASK("lapic: none", vcpu, KVM_GET_LAPIC, &lapic);
    ask_pending_events(vcpu);
}

// ---- RUN ----

static void place(const uint8_t* code, size_t size) {
    struct kvm_sregs sregs = real_mode();
    struct kvm_regs regs = {.rip = 0x1000, .rflags = 2, .rsp = 0x3000};
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    memcpy(memory + 0x1000, code, size);
    if (ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0) err(1, "KVM_SET_SREGS");
    if (ioctl(vcpu, KVM_SET_REGS, &regs) < 0) err(1, "KVM_SET_REGS");
}

static void ask_interrupts(void) {
    static const uint8_t spin[] = {0xfb, 0xeb, 0xfe};  // sti; jmp $
    static const uint8_t halt[] = {0xf4};              // hlt
    struct kvm_interrupt interrupt = {.irq = 0x20};
    struct kvm_regs regs;

    place(spin, sizeof(spin));
    run->request_interrupt_window = 1;
    ASK("window: run", vcpu, KVM_RUN, 0);
    value("window: exit reason", run->exit_reason);
    value("window: ready", run->ready_for_interrupt_injection);
    value("window: IF", run->if_flag);
    run->request_interrupt_window = 0;
    memset(memory, 0, 0x400);
    memory[0x20 * 4] = 0x00;
    memory[0x20 * 4 + 1] = 0x20;  // 0:2000h
    memcpy(memory + 0x2000, halt, sizeof(halt));
    ASK("interrupt: inject", vcpu, KVM_INTERRUPT, &interrupt);
    ASK("interrupt: run", vcpu, KVM_RUN, 0);
    value("interrupt: exit reason", run->exit_reason);
    ASK("interrupt: registers", vcpu, KVM_GET_REGS, &regs);
    value("interrupt: RIP", regs.rip);
    value("interrupt: RSP", regs.rsp);

    place(halt, sizeof(halt));
    memory[2 * 4] = 0x00;
    memory[2 * 4 + 1] = 0x20;
    ASK("nmi: raise", vcpu, KVM_NMI, 0);
    ASK("nmi: run", vcpu, KVM_RUN, 0);
    ASK("nmi: registers", vcpu, KVM_GET_REGS, &regs);
    value("nmi: RIP", regs.rip);
}

static void ask_run(void) {
    static const uint8_t code[] = {0xf4};  // hlt
    struct kvm_signal_mask* mask = calloc(1, sizeof(*mask) + 8);

    ASK("run: with an argument", vcpu, KVM_RUN, 1);
    run->cr8 = 16;
    ASK("run: CR8 of 16", vcpu, KVM_RUN, 0);
    run->cr8 = 0;
    run->kvm_valid_regs = 1ull << 40;
    ASK("run: unknown synchronized registers", vcpu, KVM_RUN, 0);
    run->kvm_valid_regs = 0;
    run->immediate_exit = 1;
    ASK("run: immediate exit", vcpu, KVM_RUN, 0);
    run->immediate_exit = 0;
    mask->len = 3;
    ASK("signal mask: bad length", vcpu, KVM_SET_SIGNAL_MASK, mask);
    mask->len = 8;
    ASK("signal mask: set", vcpu, KVM_SET_SIGNAL_MASK, mask);
    ASK("signal mask: none", vcpu, KVM_SET_SIGNAL_MASK, 0);
    free(mask);
    place(code, sizeof(code));
    run->kvm_valid_regs = KVM_SYNC_X86_REGS;
    ASK("run: hlt", vcpu, KVM_RUN, 0);
    value("run: exit reason", run->exit_reason);
    value("run: synchronized RIP", run->s.regs.regs.rip);
    run->s.regs.regs.rip = 0x1000;
    run->kvm_dirty_regs = KVM_SYNC_X86_REGS;
    ASK("run: from a synchronized RIP", vcpu, KVM_RUN, 0);
    value("run: and again", run->s.regs.regs.rip);
    value("run: dirty registers", run->kvm_dirty_regs);
    run->kvm_valid_regs = 0;
}

// ---- file descriptors ----

static void* run_in_thread(void* unused) {
    static const uint8_t code[] = {0xf4};
    place(code, sizeof(code));
    ASK("thread: run of another thread's vCPU", vcpu, KVM_RUN, 0);
    return unused;
}

static void ask_descriptors(void) {
    struct kvm_regs regs;
    pthread_t thread;
    int copy;

    ASK("vcpu: unknown number of KVM's", vcpu, _IO(KVMIO, 0xf3), 0);
    ASK("vcpu: another type", vcpu, _IO('x', 0xf3), 0);
    if (fork() == 0) {
        ASK("fork: the VM in another process", vm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY);
        ASK("fork: the vCPU in another process", vcpu, KVM_GET_REGS, &regs);
        ASK("fork: run there", vcpu, KVM_RUN, 0);
        _exit(0);
    }
    wait(NULL);
    pthread_create(&thread, NULL, run_in_thread, NULL);
    pthread_join(thread, NULL);
    copy = dup(vcpu);
    close(vcpu);
    ASK("dup: the copy works", copy, KVM_GET_REGS, &regs);
    vcpu = copy;
    close(vm);
    ASK("close: the vCPU outlives the VM's descriptor", vcpu, KVM_GET_REGS, &regs);
    close(device);
    ASK("close: and the device's", vcpu, KVM_GET_REGS, &regs);
    munmap(run, (size_t)run_size);  // a mapping keeps the vCPU
    close(vcpu);
}

int main(int count, char** arguments) {
    if (count != 2) errx(2, "usage: api_table DEVICE");
    device = open(arguments[1], O_RDWR | O_CLOEXEC);
    if (device < 0) err(1, "%s", arguments[1]);
    memory =
        mmap(NULL, memory_pages * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) err(1, "mmap");
    ask_device();
    leave_patterns();
    vm = made("device: VM", ioctl(device, KVM_CREATE_VM, 0));
    ask_vm();
    run_size = ioctl(device, KVM_GET_VCPU_MMAP_SIZE, 0);
    run = mmap(NULL, (size_t)run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    if (run == MAP_FAILED) err(1, "mmap of the vCPU");
    show_reset();
    show_vectors();
    ask_bad_pointers(vm, vcpu);
    ask_unknown_uses(device, vm, vcpu);
    ask_sregs();
    ask_fpu();
    ask_debug();
    ask_msrs();
    ask_events();
    ask_cpuid();  // KVM takes no other table after a KVM_RUN
    ask_run();
    ask_interrupts();
    ask_guest_debug(vcpu);
    ask_descriptors();
    ask_local_apic(arguments[1]);
    return 0;
}
