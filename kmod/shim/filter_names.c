// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of reasons, types and actions in a filter.
 */
#include "filter_names.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const type_names[] = {
	[RMVISOR_TRACE_EXIT] = "exit",
	[RMVISOR_TRACE_ENTRY_FAILED] = "entry_failed",
	[RMVISOR_TRACE_LAUNCH] = "launch",
	[RMVISOR_TRACE_LEAVE] = "leave",
	[RMVISOR_TRACE_PARK] = "park",
	[RMVISOR_TRACE_RUN] = "run",
	[RMVISOR_TRACE_STOP] = "stop",
	[RMVISOR_TRACE_NMI] = "nmi",
	[RMVISOR_TRACE_INIT] = "init",
	[RMVISOR_TRACE_SIPI] = "sipi",
	[RMVISOR_TRACE_SMI] = "smi",
	[RMVISOR_TRACE_TAKE] = "take",
	[RMVISOR_TRACE_GIVE_BACK] = "give_back",
	[RMVISOR_TRACE_FAULT] = "fault",
};

static const char *const action_names[] = {
	[RMVISOR_ACTION_NONE] = "none",
	[RMVISOR_ACTION_RESUME] = "resume",
	[RMVISOR_ACTION_SKIP] = "skip",
	[RMVISOR_ACTION_INJECT] = "inject",
	[RMVISOR_ACTION_USER] = "user",
	[RMVISOR_ACTION_LEAVE] = "leave",
	[RMVISOR_ACTION_PARK] = "park",
};

/* The SDM's "I/O instruction" is io_instruction here; '\0' for what is left out. */
static char as_in_name(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return c;
	return c == '/' ? '\0' : '_';
}

int filter_word_is(struct filter_word word, const char *name)
{
	unsigned int i = 0;

	for (; *name; name++) {
		char c = as_in_name(*name);

		if (!c)
			continue;
		if (i == word.length || as_in_name(word.text[i]) != c)
			return 0;
		i++;
	}
	return i == word.length;
}

static int number_in(const char *const *names, unsigned int count, struct filter_word word)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (names[i] && filter_word_is(word, names[i]))
			return (int)i;
	return -1;
}

int filter_type_number(struct filter_word word)
{
	return number_in(type_names, COUNT(type_names), word);
}

int filter_action_number(struct filter_word word)
{
	return number_in(action_names, COUNT(action_names), word);
}

int filter_reason_number(struct filter_word word)
{
	rmv_u32 reason;

	for (reason = 0; reason < RMV_EXIT_REASONS; reason++)
		if (filter_word_is(word, visor_exit_reason_text(reason)))
			return (int)reason;
	return -1;
}
