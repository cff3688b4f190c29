// SPDX-License-Identifier: GPL-2.0-only
// One question of api_table, and the answer's line: "topic: question: answer".
#pragma once

#include <stdint.h>
#include <sys/ioctl.h>

void row(const char* name, long result);  // a number, or the name of errno
void value(const char* name, uint64_t number);
void yes_or_no(const char* name, int is);
// File descriptors have their own numbers: only whether there is one counts.
int made(const char* name, int fd);

#define ASK(name, fd, request, argument) row(name, ioctl(fd, request, (void*)(uintptr_t)(argument)))

// Each topic with a file of its own. They leave the vCPU as they have found it.
void ask_bad_pointers(int vm, int vcpu);
void ask_unknown_uses(int device, int vm, int vcpu);
void ask_system_registers(int vcpu);
void ask_pending_events(int vcpu);
void ask_guest_debug(int vcpu);
// With a VM of its own, whose vCPU has a local APIC.
void ask_local_apic(const char* path);
