// SPDX-License-Identifier: GPL-2.0-only
// What /dev/rmvisor has and KVM has not: names, ports of the machine, an instruction's bytes.
#include "client.h"

#include <err.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/rmvisor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void expect(const char *what, bool is_so) {
    if (!is_so) errx(1, "not so: %s", what);
    printf("%s\n", what);
}

void expect_error(const char *what, int fd, unsigned long request, void *argument, int error) {
    if (ioctl(fd, request, argument) != -1 || errno != error)
        errx(1, "%s: %s, not %s", what, strerror(errno), strerror(error));
    printf("%s: %s\n", what, strerror(error));
}

static bool file_has(const char *path, const char *text) {
    char line[400];
    bool found = false;
    FILE *file = fopen(path, "r");
    if (file == NULL) err(1, "%s", path);
    while (fgets(line, sizeof(line), file) != NULL) found = found || strstr(line, text) != NULL;
    fclose(file);
    return found;
}

// ---- an access that the owner has to do ----

// MOV [20h], AL with DS = FFFFh: 100010h, where there is no memory.
asm(".pushsection .rodata\n.code16\n"
    "outside_begin:\n"
    "  mov $0xffff, %ax\n  mov %ax, %ds\n"
    "outside_access:\n"
    "  mov %al, 0x20\n"
    "  hlt\n"
    "outside_end:\n"
    ".code64\n.popsection\n");
extern const uint8_t outside_begin[], outside_access[], outside_end[];

void instruction(struct client *client) {
    enum { reason = 3, physical = 5, words = 8, ept_violation = 48, access_bytes = 3 };
    struct kvm_run *page = client->run;
    start(client, outside_begin, outside_end);
    expect_exit(client, KVM_EXIT_INTERNAL_ERROR);
    expect("it says emulation", page->internal.suberror == KVM_INTERNAL_ERROR_EMULATION);
    expect("and has the bytes", page->emulation_failure.flags ==
                                    KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES);
    expect("fifteen of them", page->emulation_failure.insn_size == 15);
    expect("which are the instruction's",
           memcmp(page->emulation_failure.insn_bytes, outside_access, access_bytes) == 0);
    expect("an EPT violation",
           page->internal.ndata == words && page->internal.data[reason] == ept_violation);
    expect("at the right address", page->internal.data[physical] == 0x100010);
}

// ---- names ----

static void expect_bad_name(struct client *client, const char *what, const char *name,
                            size_t bytes) {
    struct rmvisor_name request = {0};
    memcpy(request.name, name, bytes);
    expect_error(what, client->vm, RMVISOR_SET_NAME, &request, EINVAL);
}

void names(struct client *client) {
    static const char status[] = "/sys/kernel/debug/rmvisor/status";
    struct rmvisor_name good = {.name = "own-test"};
    char text[64], full[RMVISOR_NAME_BYTES];
    memset(full, 'x', sizeof(full));
    expect_bad_name(client, "no name", "", 0);
    expect_bad_name(client, "a space", "a b", 3);
    expect_bad_name(client, "a letter beyond ASCII", "\xc3\xa4", 2);
    expect_bad_name(client, "something behind the end", "a\0b", 3);
    expect_bad_name(client, "no end", full, sizeof(full));
    expect_error("a bad pointer", client->vm, RMVISOR_SET_NAME, (void *)8, EFAULT);
    snprintf(text, sizeof(text), " pid %d ", getpid());
    expect("the status tells the process", file_has(status, text));
    CALL(client->vm, RMVISOR_SET_NAME, &good);
    expect("and its name", file_has(status, " (own-test) pid "));
}

// ---- ports ----

// B3h is a scratch register of the PIIX4, which nobody else uses.
asm(".pushsection .rodata\n.code16\n"
    "ports_begin:\n"
    "  mov $'Z', %al\n  out %al, $0xb3\n"
    "  mov $0, %al\n  in $0xb3, %al\n  out %al, $0x80\n"
    "  out %al, $0xb4\n"
    "  in $0xb3, %ax\n"
    "  hlt\n"
    "ports_end:\n"
    ".code64\n.popsection\n");
extern const uint8_t ports_begin[], ports_end[];

static void change_capabilities(uint32_t clear, uint32_t set) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0) err(1, "capget");
    data[0].effective = (data[0].effective & ~clear) | set;
    if (syscall(SYS_capset, &header, data) != 0) err(1, "capset");
}

static void expect_bad_ports(struct client *client, const char *what, struct rmvisor_ports ports,
                             int error) {
    expect_error(what, client->vm, RMVISOR_PASS_PORTS, &ports, error);
}

void claim_ports(struct client *client) {
    const struct rmvisor_ports scratch = {.first = 0xb3, .count = 1};
    const struct rmvisor_ports serial = {.first = 0x3f8, .count = 8};
    expect_bad_ports(client, "no ports", (struct rmvisor_ports){.first = 5}, EINVAL);
    expect_bad_ports(client, "ports beyond the last",
                     (struct rmvisor_ports){.first = 0xffff, .count = 2}, EINVAL);
    expect_bad_ports(client, "so many that the sum is small",
                     (struct rmvisor_ports){.first = 2, .count = 0xffffffff}, EINVAL);
    expect_bad_ports(client, "an unknown flag",
                     (struct rmvisor_ports){.first = 0xb3, .count = 1, .flags = 2}, EINVAL);
    expect_bad_ports(client, "the reserved word",
                     (struct rmvisor_ports){.first = 0xb3, .count = 1, .reserved = 1}, EINVAL);
    change_capabilities(1u << CAP_SYS_RAWIO, 0);
    expect_bad_ports(client, "without CAP_SYS_RAWIO", scratch, EPERM);
    change_capabilities(0, 1u << CAP_SYS_RAWIO);
    expect_bad_ports(client, "Linux's serial port", serial, EBUSY);
    CALL(client->vm, RMVISOR_PASS_PORTS, &scratch);
    expect_bad_ports(client, "the same once more", scratch, EBUSY);
    expect("/proc/ioports says whose it is", file_has("/proc/ioports", "00b3-00b3 : rmvisor"));
}

void ports(struct client *client) {
    const struct rmvisor_ports one = {.first = 0xe5, .count = 1};
    if (ioperm(0xb3, 1, 1) != 0) err(1, "ioperm");
    outb('A', 0xb3);
    start(client, ports_begin, ports_end);
    expect_exit(client, KVM_EXIT_IO);
    expect("the guest read what it wrote", *((uint8_t *)client->run + client->run->io.data_offset) ==
                                               'Z' && client->run->io.port == 0x80);
    expect("and so does the machine", inb(0xb3) == 'Z');
    expect_exit(client, KVM_EXIT_IO);
    expect("the next port is the owner's", client->run->io.port == 0xb4);
    expect_exit(client, KVM_EXIT_IO);
    expect("so is an access to both",
           client->run->io.port == 0xb3 && client->run->io.size == 2);
    expect_exit(client, KVM_EXIT_HLT);
    expect_bad_ports(client, "with a vCPU", one, EEXIST);
}
