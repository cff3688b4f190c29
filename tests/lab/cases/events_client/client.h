/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client of KVM's API for one vCPU in real mode: events_client DEVICE. It
 * prints what it sees; the same lines are expected of /dev/kvm and /dev/rmvisor.
 */
#pragma once

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../kvm_calls.h"

enum { memory_size = 0x100000, code_address = 0x1000, stack_top = 0x8000, data_address = 0x9000 };

struct client {
	int device, vm, vcpu;
	struct kvm_run *run;
	uint8_t *memory;
};

/* Code between two labels goes to code_address; the vCPU starts there in real mode, IF = 0. */
void start(struct client *client, const uint8_t *begin, const uint8_t *end);
/* Vector of the real-mode table to a label of the same code. */
void set_vector(struct client *client, unsigned vector, const uint8_t *begin, const uint8_t *label);
/* RIP of a label, once the code is at code_address. */
uint64_t address_of(const uint8_t *begin, const uint8_t *label);
uint64_t rip(struct client *client);

/* KVM_RUN; shows the exit in one line, but for "out 80h", which is shown as a letter. */
void run(struct client *client);
void expect_exit(struct client *client, uint32_t reason);

/* Shows @what; ends the program if it is not so. */
void expect(const char *what, bool is_so);
void expect_error(const char *what, int fd, unsigned long request, void *argument, int error);

/* Runs and shows until HLT. */
void run_to_halt(struct client *client);

void interrupts(struct client *client);
void nmis(struct client *client);
void pending_events(struct client *client);
void string_io(struct client *client);
void single_step(struct client *client);
void breakpoints(struct client *client);

/* rmvisor's own: what KVM has not, or has in another way. */
void instruction(struct client *client);
void names(struct client *client);
void claim_ports(struct client *client);
void ports(struct client *client);
void budget(struct client *client);
void signals(struct client *client);
/* Needs somebody who makes the CPU silent. */
void enable_apic(struct client *client);
void silent(struct client *client);
