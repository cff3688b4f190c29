/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words of a filter, and its fields.
 */
#pragma once

#include "filter_names.h"

enum filter_token_kind {
	FILTER_TOKEN_END,
	FILTER_TOKEN_WORD,
	FILTER_TOKEN_NUMBER,
	FILTER_TOKEN_BAD_NUMBER,
	FILTER_TOKEN_TOO_BIG,
	FILTER_TOKEN_TEST,
	FILTER_TOKEN_AND,
	FILTER_TOKEN_OR,
	FILTER_TOKEN_NOT,
	FILTER_TOKEN_OPEN,
	FILTER_TOKEN_CLOSE,
	FILTER_TOKEN_DOTS,
	FILTER_TOKEN_UNKNOWN,
};

struct filter_token {
	enum filter_token_kind kind;
	enum rmv_filter_test test;	/* TEST */
	rmv_u64 number;			/* NUMBER */
	struct filter_word word;	/* where it stands */
};

/* The first one from here on. */
struct filter_token filter_next_token(const char *text);

struct filter_field {
	const char *name;
	enum rmv_filter_field field;
	int (*names)(struct filter_word word);
	/* Only exits of these reasons have the field; both 0: no condition. */
	rmv_u16 first_reason, last_reason;
};

/* NULL: there is none. */
const struct filter_field *filter_find_field(struct filter_word word);
