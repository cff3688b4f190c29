/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exits that are numbered: each is a CPUID with its number in ECX and a mix of it in EDX, so that a
 * record shows which one it is of, and one that is of two shows that too.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "reader.h"

/* tests/guests/numbered.asm has the same. */
#define NUMBER_MIX 0x9e3779b1u

/* Where the CPUID of make_exits() is. */
extern const char numbered_cpuid[];
/* Executes it `exits` times, with the numbers from 1 on. */
void make_exits(unsigned int exits);

/* A process that makes so many on that CPU, or runs `command`. */
pid_t start_exits(unsigned int cpu, unsigned int exits);
pid_t start_command(char **command);

/* The numbers that one reader finds on one CPU, one after the other. */
struct sequence {
	unsigned int cpu;
	unsigned int last;		/* number */
	unsigned long long records, lost;
	unsigned long long lost_before;	/* of these, since last */
	unsigned long long tsc;
};

/* The next record, LOST or not. Ends the program with the reason if it is not whole or not next. */
void check_next(struct sequence *s, const struct rmvisor_trace_record *record);
/* The parts of it, for readers who have no record. */
void check_number(struct sequence *s, unsigned int number, unsigned int mix, unsigned long long tsc);
void check_lost(struct sequence *s, unsigned long long lost);
/* All were seen, or known to be lost; `untold` are lost without a record that says so. */
bool all_seen(const struct sequence *s, unsigned int exits, unsigned long long untold);

/* What trace_pipe has, of all CPUs. */
struct pipe_result {
	struct sequence sequences[64];
};

/* Reads and checks until there is nothing; fd is O_NONBLOCK. */
void read_pipe(int fd, struct pipe_result *result);
