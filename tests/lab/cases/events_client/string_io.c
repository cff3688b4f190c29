// SPDX-License-Identifier: GPL-2.0-only
// INS and OUTS with and without REP, both directions, 16- and 32-bit addresses.
#include "client.h"

#include <stdio.h>
#include <string.h>

asm(".pushsection .rodata\n.code16\n"
    "string_begin:\n"
    "  cld\n  mov $0x42, %dx\n"
    "  mov $0x9000, %si\n  outsb\n"
    "  mov $3, %cx\n  rep outsw\n"
    "  mov $0x9100, %di\n  mov $5, %cx\n  rep insb\n"
    "  insl\n"
    "  std\n  mov $0x9207, %di\n  mov $4, %cx\n  rep insb\n"
    "  mov $0x9003, %si\n  mov $4, %cx\n  rep outsb\n"
    "  cld\n  mov $0x9300, %edi\n  mov $2, %ecx\n  addr32 rep insw\n"
    "  mov $0, %cx\n  rep insb\n  rep outsb\n"
    "  hlt\n"
    "string_end:\n"
    ".code64\n.popsection\n");
extern const uint8_t string_begin[], string_end[];

static void show_memory(struct client *client, uint32_t address, uint32_t bytes) {
    printf("%#x:", address);
    for (uint32_t i = 0; i < bytes; ++i) printf(" %02x", client->memory[address + i]);
    printf("\n");
}

void string_io(struct client *client) {
    struct kvm_regs registers;
    start(client, string_begin, string_end);
    memcpy(client->memory + 0x9000, "0123456789abcdef", 16);
    // How much is folded into one exit is the kernel's affair: the exits are not shown.
    unsigned elements_in = 0, elements_out = 0, exits = 0;
    uint64_t sum = 0;
    for (;;) {
        CALL(client->vcpu, KVM_RUN, 0);
        if (client->run->exit_reason != KVM_EXIT_IO) break;
        uint8_t *data = (uint8_t *)client->run + client->run->io.data_offset;
        ++exits;
        for (uint32_t i = 0; i < client->run->io.count; ++i)
            for (uint32_t j = 0; j < client->run->io.size; ++j, ++data) {
                if (client->run->io.direction == KVM_EXIT_IO_OUT)
                    sum = sum * 31 + *data;
                else
                    *data = (uint8_t)('A' + (elements_in * 4 + j) % 26);
                if (j + 1 < client->run->io.size) continue;
                if (client->run->io.direction == KVM_EXIT_IO_OUT) ++elements_out;
                else ++elements_in;
            }
    }
    CALL(client->vcpu, KVM_GET_REGS, &registers);
    printf("exit %u in %u out %u sum %llx\n", client->run->exit_reason, elements_in, elements_out,
           (unsigned long long)sum);
    printf("cx %llx si %llx di %llx at +%llu\n", registers.rcx, registers.rsi, registers.rdi,
           registers.rip - code_address);
    show_memory(client, 0x9100, 10);
    show_memory(client, 0x9204, 4);
    show_memory(client, 0x9300, 4);
    fprintf(stderr, "string I/O: %u exits\n", exits);
}
