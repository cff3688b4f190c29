/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dedicated CPU that does not answer: as in an SMI handler that does not
 * return, where not even an NMI gets through.
 */
#pragma once

#include "rm_cpu.h"

/* What was seen of a CPU when it was looked at last. */
struct silence {
	u64 signs;
	unsigned int looks;
};

/* How often to look, and after how many looks without a sign it counts as silent. */
#define SILENCE_PERIOD HZ
#define SILENCE_LOOKS 3

/*
 * Once per SILENCE_PERIOD, with a struct that begins as zeros: the first look is
 * for the later ones to compare with. True: silent. An NMI makes a CPU that runs
 * a guest without exits give a sign until the next look.
 */
bool silence_look(struct silence *silence, struct rm_cpu *c);

/* It is silent from now on: one line in the log, with its last exit and what to look at. */
void silence_report(struct rm_cpu *c);
