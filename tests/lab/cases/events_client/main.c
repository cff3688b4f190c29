// SPDX-License-Identifier: GPL-2.0-only
// Sets a vCPU up, runs it, shows its exits.
#include "client.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void start(struct client *client, const uint8_t *begin, const uint8_t *end) {
    struct kvm_sregs system;
    struct kvm_regs registers = {.rip = code_address, .rflags = 2, .rsp = stack_top};
    memset(client->memory, 0, memory_size);
    memcpy(client->memory + code_address, begin, (size_t)(end - begin));
    CALL(client->vcpu, KVM_GET_SREGS, &system);
    system.cs.base = system.cs.selector = 0;
    CALL(client->vcpu, KVM_SET_SREGS, &system);
    CALL(client->vcpu, KVM_SET_REGS, &registers);
}

uint64_t address_of(const uint8_t *begin, const uint8_t *label) {
    return code_address + (uint64_t)(label - begin);
}

void set_vector(struct client *client, unsigned vector, const uint8_t *begin, const uint8_t *label) {
    uint16_t offset = (uint16_t)address_of(begin, label);
    memcpy(client->memory + vector * 4, &offset, sizeof(offset));
}

uint64_t rip(struct client *client) {
    struct kvm_regs registers;
    CALL(client->vcpu, KVM_GET_REGS, &registers);
    return registers.rip;
}

static void show_io(struct kvm_run *run) {
    uint8_t *data = (uint8_t *)run + run->io.data_offset;
    uint64_t value = 0;
    if (run->io.port == 0x80) {
        printf("letter %c\n", *data);
        return;
    }
    printf("%s %#x size %u count %u", run->io.direction == KVM_EXIT_IO_IN ? "in" : "out",
           run->io.port, run->io.size, run->io.count);
    for (uint32_t i = 0; i < run->io.count * run->io.size; ++i) {
        if (run->io.direction == KVM_EXIT_IO_IN)
            data[i] = (uint8_t)('a' + i);
        else
            value = value << 8 | data[i];
    }
    if (run->io.direction == KVM_EXIT_IO_OUT) printf(" bytes %llx", (unsigned long long)value);
    printf("\n");
}

static const char *name_of(uint32_t reason) {
    switch (reason) {
        case KVM_EXIT_HLT: return "hlt";
        case KVM_EXIT_IRQ_WINDOW_OPEN: return "window";
        case KVM_EXIT_DEBUG: return "debug";
        case KVM_EXIT_SHUTDOWN: return "shutdown";
        case KVM_EXIT_FAIL_ENTRY: return "fail_entry";
        case KVM_EXIT_INTERNAL_ERROR: return "internal_error";
        default: return "?";
    }
}

void run(struct client *client) {
    CALL(client->vcpu, KVM_RUN, 0);
    if (client->run->exit_reason == KVM_EXIT_IO)
        show_io(client->run);
    else
        printf("%s (%u)\n", name_of(client->run->exit_reason), client->run->exit_reason);
}

void expect_exit(struct client *client, uint32_t reason) {
    run(client);
    if (client->run->exit_reason != reason)
        errx(1, "exit %u instead of %u at %#llx", client->run->exit_reason, reason,
             (unsigned long long)rip(client));
}

void run_to_halt(struct client *client) {
    do {
        run(client);
        if (client->run->exit_reason != KVM_EXIT_IO && client->run->exit_reason != KVM_EXIT_HLT)
            errx(1, "exit %u", client->run->exit_reason);
    } while (client->run->exit_reason != KVM_EXIT_HLT);
}

static const struct {
    const char *name;
    void (*test)(struct client *);
    void (*prepare)(struct client *);  // before there is a vCPU
} tests[] = {
    {"interrupts", interrupts, NULL},
    {"nmis", nmis, NULL},
    {"pending", pending_events, NULL},
    {"string_io", string_io, NULL},
    {"single_step", single_step, NULL},
    {"breakpoints", breakpoints, NULL},
    {"instruction", instruction, NULL},
    {"names", names, NULL},
    {"ports", ports, claim_ports},
    {"budget", budget, NULL},
    {"signals", signals, NULL},
    {"silent", silent, enable_apic},
};

static void run_tests(struct client *client, char **names, int count, bool prepare) {
    for (int i = 0; i < count; ++i)
        for (size_t j = 0; j < sizeof(tests) / sizeof(tests[0]); ++j) {
            if (strcmp(tests[j].name, names[i]) != 0) continue;
            if (!prepare) printf("== %s\n", tests[j].name);
            if (!prepare)
                tests[j].test(client);
            else if (tests[j].prepare != NULL)
                tests[j].prepare(client);
        }
}

int main(int count, char **arguments) {
    struct client client;
    if (count < 3) errx(2, "usage: events_client DEVICE TEST...");
    client.device = open(arguments[1], O_RDWR | O_CLOEXEC);
    if (client.device < 0) err(1, "%s", arguments[1]);
    client.vm = CALL(client.device, KVM_CREATE_VM, 0);
    client.memory = map(memory_size, -1);
    struct kvm_userspace_memory_region region = {.memory_size = memory_size,
                                                 .userspace_addr = (uintptr_t)client.memory};
    CALL(client.vm, KVM_SET_TSS_ADDR, 0xfffbd000);
    CALL(client.vm, KVM_SET_USER_MEMORY_REGION, &region);
    setvbuf(stdout, NULL, _IOLBF, 0);
    run_tests(&client, arguments + 2, count - 2, true);
    client.vcpu = CALL(client.vm, KVM_CREATE_VCPU, 0);
    client.run = map((size_t)CALL(client.device, KVM_GET_VCPU_MMAP_SIZE, 0), client.vcpu);
    run_tests(&client, arguments + 2, count - 2, false);
    return 0;
}
