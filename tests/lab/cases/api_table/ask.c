// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void row(const char* name, long result) {
    if (result < 0)
        printf("%s: %s\n", name, strerrorname_np(errno));
    else
        printf("%s: %ld\n", name, result);
    fflush(stdout);
}

int made(const char* name, int fd) {
    row(name, fd < 0 ? fd : 0);
    return fd;
}

void value(const char* name, uint64_t number) {
    printf("%s: %#llx\n", name, (unsigned long long)number);
}

void yes_or_no(const char* name, int is) { printf("%s: %s\n", name, is ? "yes" : "no"); }
