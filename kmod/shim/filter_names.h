/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "../abi.h"

/* A piece of text that does not end with '\0'. */
struct filter_word {
	const char *text;
	unsigned int length;
};

#ifdef __cplusplus
extern "C" {
#endif

/* Whether it is this name of the SDM, or of ours, as filter.h says. */
int filter_word_is(struct filter_word word, const char *name);

/* -1: no such name. */
int filter_reason_number(struct filter_word word);
int filter_type_number(struct filter_word word);
int filter_action_number(struct filter_word word);

#ifdef __cplusplus
}
#endif
