// SPDX-License-Identifier: GPL-2.0-only
// A CPU that does not answer may still use its guest's memory: that stays as it is.
#include "client.h"

#include <errno.h>
#include <linux/rmvisor.h>
#include <sys/mman.h>
#include <unistd.h>

asm(".pushsection .rodata\n.code16\n"
    "endless_begin:\n"
    "  cli\n"
    "  hlt\n"
    "endless_end:\n"
    ".code64\n.popsection\n");
extern const uint8_t endless_begin[], endless_end[];

// With a local APIC a halted guest waits in root. Bochs does not get over an SMI handler that stays
// while a guest itself runs: "VMEXIT not in VMX guest mode".
void enable_apic(struct client *client) {
    struct kvm_enable_cap apic = {.cap = KVM_CAP_SPLIT_IRQCHIP};
    CALL(client->vm, KVM_ENABLE_CAP, &apic);
}

void silent(struct client *client) {
    struct kvm_userspace_memory_region none = {.slot = 0};
    struct kvm_userspace_memory_region moved = {.guest_phys_addr = memory_size,
                                                .memory_size = memory_size,
                                                .userspace_addr = (uintptr_t)client->memory};
    struct kvm_userspace_memory_region more = moved;
    more.slot = 1;
    start(client, endless_begin, endless_end);
    expect_exit(client, RMVISOR_EXIT_CPU_SILENT);
    expect_error("KVM_RUN", client->vcpu, KVM_RUN, 0, EIO);
    expect_error("taking its memory away", client->vm, KVM_SET_USER_MEMORY_REGION, &none, EIO);
    expect_error("moving it", client->vm, KVM_SET_USER_MEMORY_REGION, &moved, EIO);
    expect_error("giving it more", client->vm, KVM_SET_USER_MEMORY_REGION, &more, EIO);
    munmap(client->run, (size_t)CALL(client->device, KVM_GET_VCPU_MMAP_SIZE, 0));
    close(client->vcpu);
    expect_error("taking it away when the vCPU is closed", client->vm, KVM_SET_USER_MEMORY_REGION,
                 &none, EIO);
}
