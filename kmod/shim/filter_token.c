// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of a filter: no kernel in here, as in filter.c.
 */
#include "filter_token.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Basic exit reasons (SDM: VMX Basic Exit Reasons). */
#define REASON_IO 30
#define REASON_RDMSR 31
#define REASON_WRMSR 32

static const struct filter_field fields[] = {
	{ "type", RMV_FIELD_TYPE, filter_type_number },
	{ "reason", RMV_FIELD_REASON, filter_reason_number },
	{ "cpu", RMV_FIELD_CPU },
	{ "vm", RMV_FIELD_VM },
	{ "vcpu", RMV_FIELD_VCPU },
	{ "action", RMV_FIELD_ACTION, filter_action_number },
	{ "port", RMV_FIELD_QUALIFICATION_HIGH, .first_reason = REASON_IO,
	  .last_reason = REASON_IO },
	{ "msr", RMV_FIELD_RCX, .first_reason = REASON_RDMSR, .last_reason = REASON_WRMSR },
	{ "rip", RMV_FIELD_RIP },
	{ "address", RMV_FIELD_ADDRESS },
	{ "physical", RMV_FIELD_PHYSICAL },
	{ "linear", RMV_FIELD_LINEAR },
	{ "qualification", RMV_FIELD_QUALIFICATION },
	{ "ticks", RMV_FIELD_TICKS },
};

/* Longer ones before those that they begin with. */
static const struct {
	const char *text;
	enum filter_token_kind kind;
	enum rmv_filter_test test;
} symbols[] = {
	{ "==", FILTER_TOKEN_TEST, RMV_TEST_EQUAL },
	{ "!=", FILTER_TOKEN_TEST, RMV_TEST_NOT_EQUAL },
	{ "<=", FILTER_TOKEN_TEST, RMV_TEST_BELOW_OR_EQUAL },
	{ "<", FILTER_TOKEN_TEST, RMV_TEST_BELOW },
	{ ">=", FILTER_TOKEN_TEST, RMV_TEST_ABOVE_OR_EQUAL },
	{ ">", FILTER_TOKEN_TEST, RMV_TEST_ABOVE },
	{ "&&", FILTER_TOKEN_AND, RMV_TEST_EQUAL },
	{ "&", FILTER_TOKEN_TEST, RMV_TEST_BITS },
	{ "||", FILTER_TOKEN_OR, RMV_TEST_EQUAL },
	{ "!", FILTER_TOKEN_NOT, RMV_TEST_EQUAL },
	{ "(", FILTER_TOKEN_OPEN, RMV_TEST_EQUAL },
	{ ")", FILTER_TOKEN_CLOSE, RMV_TEST_EQUAL },
	{ "..", FILTER_TOKEN_DOTS, RMV_TEST_EQUAL },
};

const struct filter_field *filter_find_field(struct filter_word word)
{
	unsigned int i;

	for (i = 0; i < COUNT(fields); i++)
		if (filter_word_is(word, fields[i].name))
			return &fields[i];
	return (const struct filter_field *)0;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int in_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

/* No octal numbers: 010 would be 8 to some and 10 to others. */
static void read_number(struct filter_token *token)
{
	const char *text = token->word.text;
	unsigned int base = 10, i = 0;

	token->kind = FILTER_TOKEN_BAD_NUMBER;
	if (token->word.length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		i = 2;
	} else if (token->word.length > 1 && text[0] == '0') {
		return;
	}
	for (; i < token->word.length; i++) {
		int digit = digit_of(text[i]);

		if (digit < 0 || (unsigned int)digit >= base)
			return;
		if (token->number > (~0ull - (unsigned int)digit) / base) {
			token->kind = FILTER_TOKEN_TOO_BIG;
			return;
		}
		token->number = token->number * base + (unsigned int)digit;
	}
	token->kind = FILTER_TOKEN_NUMBER;
}

static int begins_with(const char *text, const char *symbol)
{
	while (*symbol)
		if (*text++ != *symbol++)
			return 0;
	return 1;
}

static void read_symbol(struct filter_token *token)
{
	unsigned int i;

	token->word.length = 1;
	token->kind = FILTER_TOKEN_UNKNOWN;
	for (i = 0; i < COUNT(symbols); i++) {
		if (!begins_with(token->word.text, symbols[i].text))
			continue;
		token->kind = symbols[i].kind;
		token->test = symbols[i].test;
		token->word.length = symbols[i].text[1] ? 2 : 1;
		return;
	}
}

struct filter_token filter_next_token(const char *text)
{
	struct filter_token token = { .kind = FILTER_TOKEN_END };

	while (*text == ' ' || *text == '\t')
		text++;
	token.word.text = text;
	if (!*text || *text == '\n')
		return token;
	while (in_word(text[token.word.length]))
		token.word.length++;
	if (!token.word.length)
		read_symbol(&token);
	else if (text[0] >= '0' && text[0] <= '9')
		read_number(&token);
	else
		token.kind = FILTER_TOKEN_WORD;
	return token;
}
