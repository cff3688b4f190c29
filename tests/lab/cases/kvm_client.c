// SPDX-License-Identifier: GPL-2.0-only
// The smallest client of KVM's API: kvm_client DEVICE. It runs a few bytes of 16-bit code and prints
// every exit. It uses nothing but <linux/kvm.h>, so it shows that /dev/rmvisor keeps KVM's word.
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

enum { load_address = 0x1000, memory_size = 0x10000, answer = 0x56 };

static const uint8_t code[] = {
    0xb0, 0x2a,        // mov al, 2ah
    0xe6, 0x10,        // out 10h, al
    0xb8, 0x34, 0x12,  // mov ax, 1234h
    0xe7, 0x12,        // out 12h, ax
    0xe4, 0x20,        // in al, 20h
    0xe6, 0x10,        // out 10h, al
    0xfa,              // cli
    0x90, 0x90,        // nop, nop
    0xf4,              // hlt
};

static int call(int fd, unsigned long request, void *argument, const char *name) {
    int result = ioctl(fd, request, argument);
    if (result < 0) err(1, "%s", name);
    return result;
}

#define CALL(fd, request, argument) call(fd, request, (void *)(uintptr_t)(argument), #request)

static void *map(size_t size, int fd) {
    int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (memory == MAP_FAILED) err(1, "mmap");
    return memory;
}

static void set_registers(int vcpu) {
    struct kvm_sregs system;
    struct kvm_regs registers = {.rip = load_address, .rflags = 2};
    CALL(vcpu, KVM_GET_SREGS, &system);
    system.cs.base = 0;
    system.cs.selector = 0;
    CALL(vcpu, KVM_SET_SREGS, &system);
    CALL(vcpu, KVM_SET_REGS, &registers);
}

static void show_io(struct kvm_run *run) {
    uint8_t *data = (uint8_t *)run + run->io.data_offset;
    uint32_t value = 0;
    if (run->io.direction == KVM_EXIT_IO_IN) {
        printf("in port %#x size %u\n", run->io.port, run->io.size);
        *data = answer;
        return;
    }
    memcpy(&value, data, run->io.size);
    printf("out port %#x size %u value %#x\n", run->io.port, run->io.size, value);
}

int main(int count, char **arguments) {
    if (count != 2) errx(2, "usage: kvm_client DEVICE");
    int device = open(arguments[1], O_RDWR | O_CLOEXEC);
    if (device < 0) err(1, "%s", arguments[1]);
    printf("api version %d\n", CALL(device, KVM_GET_API_VERSION, 0));
    int vm = CALL(device, KVM_CREATE_VM, 0);
    uint8_t *memory = map(memory_size, -1);
    memcpy(memory + load_address, code, sizeof(code));
    struct kvm_userspace_memory_region region = {.memory_size = memory_size,
                                                 .userspace_addr = (uintptr_t)memory};
    CALL(vm, KVM_SET_TSS_ADDR, 0xfffbd000);
    CALL(vm, KVM_SET_USER_MEMORY_REGION, &region);
    int vcpu = CALL(vm, KVM_CREATE_VCPU, 0);
    struct kvm_run *run = map(CALL(device, KVM_GET_VCPU_MMAP_SIZE, 0), vcpu);
    set_registers(vcpu);
    for (;;) {
        CALL(vcpu, KVM_RUN, 0);
        if (run->exit_reason == KVM_EXIT_HLT) break;
        if (run->exit_reason != KVM_EXIT_IO) errx(1, "exit reason %u", run->exit_reason);
        show_io(run);
    }
    struct kvm_regs registers;
    CALL(vcpu, KVM_GET_REGS, &registers);
    printf("hlt at %#llx\n", registers.rip);
    return 0;
}
