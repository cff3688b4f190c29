// SPDX-License-Identifier: GPL-2.0-only
// What can't work: pointers to nowhere, descriptors used for what they are not.
#define _GNU_SOURCE
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ask.h"

struct call {
    const char* name;
    unsigned long request;
};
#define CALL(request) \
    { #request, request }

static const struct call vm_calls[] = {
    CALL(KVM_SET_USER_MEMORY_REGION),
    CALL(KVM_SET_IDENTITY_MAP_ADDR),
    CALL(KVM_ENABLE_CAP),
};

static const struct call vcpu_calls[] = {
    CALL(KVM_GET_REGS),        CALL(KVM_SET_REGS),        CALL(KVM_GET_SREGS),
    CALL(KVM_SET_SREGS),       CALL(KVM_GET_FPU),         CALL(KVM_SET_FPU),
    CALL(KVM_GET_XSAVE),       CALL(KVM_SET_XSAVE),       CALL(KVM_GET_XCRS),
    CALL(KVM_SET_XCRS),        CALL(KVM_GET_DEBUGREGS),   CALL(KVM_SET_DEBUGREGS),
    CALL(KVM_GET_MSRS),        CALL(KVM_SET_MSRS),        CALL(KVM_GET_CPUID2),
    CALL(KVM_SET_CPUID2),      CALL(KVM_SET_GUEST_DEBUG), CALL(KVM_GET_VCPU_EVENTS),
    CALL(KVM_SET_VCPU_EVENTS), CALL(KVM_INTERRUPT),       CALL(KVM_GET_MP_STATE),
    CALL(KVM_SET_MP_STATE),    CALL(KVM_GET_LAPIC),       CALL(KVM_SET_LAPIC),
    CALL(KVM_SET_SIGNAL_MASK),
};

// One pointer to a page that is not there, one to the kernel's half.
static void ask_pointers(int fd, const struct call* calls, size_t count) {
    static const struct {
        const char* name;
        uint64_t address;
    } pointers[] = {{"bad pointer", 8}, {"kernel's pointer", 0xffff888000000000}};

    for (size_t i = 0; i < count; ++i)
        for (size_t j = 0; j < sizeof(pointers) / sizeof(pointers[0]); ++j) {
            char name[80];
            snprintf(name, sizeof(name), "%s: %s", pointers[j].name, calls[i].name);
            ASK(name, fd, calls[i].request, pointers[j].address);
        }
}

void ask_bad_pointers(int vm, int vcpu) {
    ask_pointers(vm, vm_calls, sizeof(vm_calls) / sizeof(vm_calls[0]));
    ask_pointers(vcpu, vcpu_calls, sizeof(vcpu_calls) / sizeof(vcpu_calls[0]));
}

static void ask_mapping(const char* name, int fd, int protection) {
    void* page = mmap(NULL, 4096, protection, MAP_SHARED, fd, 0);
    row(name, page == MAP_FAILED ? -1 : 0);
    if (page != MAP_FAILED) munmap(page, 4096);
}

void ask_unknown_uses(int device, int vm, int vcpu) {
    char byte = 0;
    row("use: read of the VM", read(vm, &byte, 1));
    row("use: read of the vCPU", read(vcpu, &byte, 1));
    row("use: write to the VM", write(vm, &byte, 1));
    row("use: write to the vCPU", write(vcpu, &byte, 1));
    ask_mapping("use: mapping of the device", device, PROT_READ);
    ask_mapping("use: mapping of the VM", vm, PROT_READ);
    ask_mapping("use: mapping of the vCPU, read-only", vcpu, PROT_READ);
    ASK("use: a vCPU's call on the VM", vm, KVM_RUN, 0);
    ASK("use: a VM's call on the vCPU", vcpu, KVM_CREATE_VCPU, 1);
    ASK("use: a VM's call on the device", device, KVM_CREATE_VCPU, 1);
    ASK("use: a vCPU's call on the device", device, KVM_RUN, 0);
}
