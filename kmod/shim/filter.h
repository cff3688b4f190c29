/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace's filter: from an expression to the steps that root runs. No
 * kernel in here: unit tests compile it too.
 *
 *   expression  comparisons with && || ! and parentheses; && binds closer
 *   comparison  FIELD OPERATOR VALUE     == != < <= > >= & (some of these bits)
 *   VALUE       number, name, or (== and != only) LOW..HIGH, both included
 *   FIELD       type reason cpu vm vcpu action port msr rip address physical
 *               linear qualification ticks
 *
 * Names go with reason (the SDM's, in lower case with _ for what is no letter:
 * cpuid, io_instruction, ept_violation), type (exit, stop, ...) and action.
 */
#pragma once

#include "../abi.h"
#include "filter_tree.h"

/* Parentheses and ! within each other: the parser recurses. */
#define FILTER_NESTING 16u

struct filter_error {
	rmv_u32 position;	/* in the text, from 0 */
	const char *what;
};

#ifdef __cplusplus
extern "C" {
#endif

/*
 * 0, or -1 with *error filled. A text that is empty, "0" or "none" accepts
 * everything. The text ends with '\0' or a newline. *tree is only room to work in.
 */
int filter_compile(const char *text, struct filter_tree *tree, struct filter_program *program,
		   struct filter_error *error);

#ifdef __cplusplus
}
#endif
