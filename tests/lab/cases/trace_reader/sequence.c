// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "exact.h"

static void wrong(const struct sequence *s, const char *what, unsigned long long value)
{
	printf("cpu%u: %s: %#llx, after number %u and %llu lost\n", s->cpu, what, value, s->last,
	       s->lost_before);
	exit(1);
}

void check_lost(struct sequence *s, unsigned long long lost)
{
	if (!lost)
		wrong(s, "a loss of nothing", lost);
	s->lost += lost;
	s->lost_before += lost;
}

void check_number(struct sequence *s, unsigned int number, unsigned int mix, unsigned long long tsc)
{
	if (mix != number * NUMBER_MIX)
		wrong(s, "a record of two exits, number", number);
	if (number != s->last + 1 + s->lost_before)
		wrong(s, "not the next, number", number);
	if (tsc <= s->tsc)
		wrong(s, "earlier than the one before, TSC", tsc);
	s->tsc = tsc;
	s->last = number;
	s->lost_before = 0;
	s->records++;
}

/* All that is the same in each record of such an exit. */
static void check_form(struct sequence *s, const struct rmvisor_trace_record *record)
{
	bool is_linux = record->rip == (unsigned long)numbered_cpuid;

	if (record->type != RMVISOR_TRACE_EXIT || record->reason != 10)
		wrong(s, "a record of something else, type", record->type);
	if (record->cpu != s->cpu || record->insn_length != 2 ||
	    record->action != RMVISOR_ACTION_SKIP || !record->root_ticks || record->rax)
		wrong(s, "a record that no such exit makes, RIP", record->rip);
	if ((record->vm == 0) != is_linux || record->cs_base || record->intr_info ||
	    record->qualification || !(record->flags & RMVISOR_TRACE_F_REGS) ||
	    !(record->flags & RMVISOR_TRACE_F_CODE64) == is_linux)
		wrong(s, "a record that mixes Linux and a guest, RIP", record->rip);
}

void check_next(struct sequence *s, const struct rmvisor_trace_record *record)
{
	if (record->type == RMVISOR_TRACE_LOST) {
		check_lost(s, record->qualification);
		return;
	}
	check_form(s, record);
	check_number(s, record->rcx, record->rdx, record->tsc);
}

bool all_seen(const struct sequence *s, unsigned int exits, unsigned long long untold)
{
	printf("cpu%u: %llu records, %llu lost%s\n", s->cpu, s->records, s->lost + untold,
	       untold ? ", not all told" : "");
	return s->records && s->records + s->lost + untold == exits;
}
