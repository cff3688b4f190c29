/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A filter as a tree, while it is compiled.
 */
#pragma once

#include "../abi.h"

/* Each comparison is a node, each pair of them is joined by one, and some are turned around. */
#define FILTER_NODES (3 * RMV_FILTER_STEPS)

struct filter_program {
	rmv_u32 count;		/* 0: everything is accepted */
	struct rmv_filter_step steps[RMV_FILTER_STEPS];
};

enum filter_node_kind { FILTER_COMPARE, FILTER_AND, FILTER_OR, FILTER_NOT };

struct filter_node {
	enum filter_node_kind kind;
	int left, right;	/* of AND, OR; NOT: left */
	rmv_u8 field, test;
	rmv_u64 value;
};

struct filter_tree {
	int count;
	int compares;
	struct filter_node nodes[FILTER_NODES];
};

#ifdef __cplusplus
extern "C" {
#endif

/* The new node's index, or -1: the tree is full. An operand of -1 gives -1. */
int filter_compare(struct filter_tree *tree, enum rmv_filter_field field,
		   enum rmv_filter_test test, rmv_u64 value);
int filter_combine(struct filter_tree *tree, enum filter_node_kind kind, int left, int right);

void filter_emit(const struct filter_tree *tree, int top, struct filter_program *program);

#ifdef __cplusplus
}
#endif
