/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the witness; each prints what it saw, one fact per line, the same each time. */
#ifndef WITNESS_H
#define WITNESS_H

/* An instruction or two to be executed at CPL 3: whether it is survived, or which signal it gets. */
struct stub {
	const char *name;
	void (*run)(void);
};

extern const struct stub stubs[]; /* ends with an empty one */

/* Code for a debugger, with labels inside; all take no arguments and can be called from C. */
extern void step_target(void), step_target_end(void);
extern char break_on_cpuid[], break_after_cpuid[];
extern volatile int watched;

void show_cpuid(void);
void show_xcr(void);
void show_registers(void);
void show_faults(void);
void show_debugger(int execute_breakpoints);
void show_perf(void);
void show_msrs(int cpu);
void show_clock(void);

#endif
