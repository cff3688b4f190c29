// SPDX-License-Identifier: GPL-2.0-only
// alloc_client load FILE FIRST STEP | use: fails one allocation after the other (rmtest's file alloc), until
// what is done works. Each failure must be ENOMEM, or do no harm, and leave everything as it was.
// "load" is the module itself, from the FIRST allocation of its init function on every STEP-th; "use" what is asked of
// /dev/rmvisor and its debugfs when it is loaded.
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { most = 20000, memory_size = 0x40000, rounds = 4 };

static const char control_file[] = "/sys/kernel/debug/rmtest/alloc";
static const char ring_size[] = "/sys/kernel/debug/rmvisor/buffer_size_kb";
static int control, device, vm = -1, made = -1, ring_file;
static const char *module_file;
static uint8_t *memory;
static char old_ring[32];

static void tell(const char *text) {
    if (write(control, text, strlen(text)) < 0) err(2, "alloc: %s", text);
}

struct report {
    unsigned seen, failed;
};

static void read_text(const char *path, char *text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, text, size - 1) <= 0) err(2, "%s", path);
    close(file);
}

static struct report ask(void) {
    char text[64] = "";
    struct report report;
    read_text(control_file, text, sizeof(text));
    if (sscanf(text, "seen %u failed %u", &report.seen, &report.failed) != 2) errx(2, "%s", text);
    return report;
}

static int remember(int fd) {
    made = fd;
    return fd < 0 ? -1 : 0;
}

static void close_made(void) {
    close(made);
    made = -1;
}

static int load(void) {
    int file = open(module_file, O_RDONLY | O_CLOEXEC);
    if (file < 0) err(2, "%s", module_file);
    int result = (int)syscall(SYS_finit_module, file, "", 0);
    int error = errno;
    close(file);
    errno = error;
    return result;
}
static void unload(void) {
    if (syscall(SYS_delete_module, "rmvisor", O_NONBLOCK) < 0) err(2, "delete_module");
}
static bool is_gone(void) {
    return access("/sys/module/rmvisor", F_OK) < 0 && access("/dev/rmvisor", F_OK) < 0 &&
           access("/sys/kernel/debug/rmvisor", F_OK) < 0;
}

static int create_vm(void) { return remember(ioctl(device, KVM_CREATE_VM, 0)); }
static int create_vcpu(void) { return remember(ioctl(vm, KVM_CREATE_VCPU, 0)); }

static int set_region(uint64_t size) {
    struct kvm_userspace_memory_region region = {.memory_size = size,
                                                 .userspace_addr = (uintptr_t)memory};
    return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
}
static int add_region(void) { return set_region(memory_size); }
static void remove_region(void) {
    if (set_region(0) < 0) err(2, "a region that can't be removed");
}

static int write_ring(const char *text) {
    return write(ring_file, text, strlen(text)) < 0 ? -1 : 0;
}
static int new_ring(void) { return write_ring("256"); }
static void put_ring_back(void) {
    if (write_ring(old_ring) < 0) err(2, "the old size of the rings");
}

static bool all_online(void) {
    char online[64] = "", present[64] = "";
    read_text("/sys/devices/system/cpu/online", online, sizeof(online));
    read_text("/sys/devices/system/cpu/present", present, sizeof(present));
    return !strcmp(online, present);
}
static bool nothing(void) { return true; }

struct step {
    const char *name;
    const char *who;  // for the file alloc
    int (*act)(void);
    void (*undo)(void);
    bool (*is_as_before)(void);
};

static int bad;

static void complain(const struct step *step, unsigned number, const char *what, int error) {
    printf("# %s, allocation %u: %s%s%s\n", step->name, number, what, error ? ": " : "",
           error ? strerror(error) : "");
    bad = 1;
}

// Whether it has worked with nothing failing.
static bool attempt(const struct step *step, unsigned number, unsigned *harmless) {
    char text[64];
    snprintf(text, sizeof(text), "%s %u", step->who, number);
    tell(text);
    int result = step->act(), error = errno;
    tell("off");
    struct report report = ask();
    if (result == 0) step->undo();
    if (!report.failed && result < 0) complain(step, number, "fails by itself", error);
    if (report.failed && result == 0) ++*harmless;
    if (report.failed && result < 0 && error != ENOMEM) complain(step, number, "fails", error);
    if (!step->is_as_before()) complain(step, number, "leaves something", 0);
    return !report.failed;
}

static void walk(const struct step *step, unsigned first, unsigned stride, unsigned times) {
    unsigned number = first, harmless = 0, failed = 0;
    for (bool done = false; !done && number < most && !bad; number += stride)
        for (unsigned i = 0; i < times && !bad; ++i) {
            done = attempt(step, number, &harmless);
            if (!done) ++failed;
        }
    printf("# %s: %u allocations, %u failures, %u of them harmless\n", step->name, ask().seen, failed,
           harmless);
    if (failed == 0) complain(step, number, "nothing has failed", 0);
    if (number >= most) complain(step, number, "without end", 0);
}

static int open_file(const char *path) {
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) err(2, "%s", path);
    return file;
}

static void walk_load(unsigned first, unsigned stride) {
    const struct step step = {"load", "module rmvisor", load, unload, is_gone};
    walk(&step, first, stride, 1);
}

static void walk_use(void) {
    const struct step create = {"KVM_CREATE_VM", "task", create_vm, close_made, nothing};
    const struct step later[] = {
        {"KVM_SET_USER_MEMORY_REGION", "task", add_region, remove_region, nothing},
        {"KVM_CREATE_VCPU", "task", create_vcpu, close_made, all_online},
        {"buffer_size_kb", "task", new_ring, put_ring_back, nothing},
    };
    device = open_file("/dev/rmvisor");
    ring_file = open_file(ring_size);
    read_text(ring_size, old_ring, sizeof(old_ring));
    walk(&create, 1, 1, rounds);
    vm = ioctl(device, KVM_CREATE_VM, 0);
    if (vm < 0) err(2, "KVM_CREATE_VM");
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); ++i) walk(&later[i], 1, 1, rounds);
}

int main(int count, char **arguments) {
    control = open_file(control_file);
    memory = mmap(NULL, memory_size, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED || mlockall(MCL_CURRENT | MCL_FUTURE) < 0) err(2, "memory");
    if (count == 5 && !strcmp(arguments[1], "load")) {
        module_file = arguments[2];
        walk_load((unsigned)atoi(arguments[3]), (unsigned)atoi(arguments[4]));
    } else if (count == 2 && !strcmp(arguments[1], "use")) {
        walk_use();
    } else {
        errx(2, "usage: alloc_client load FILE FIRST STEP | use");
    }
    return bad;
}
