// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the tree to steps. They are laid down from the last to the first: what a
 * step jumps to is there already, so every jump goes forward.
 */
#include "filter_tree.h"

static int add_node(struct filter_tree *tree, const struct filter_node *node)
{
	if (tree->count == FILTER_NODES)
		return -1;
	tree->nodes[tree->count] = *node;
	return tree->count++;
}

int filter_compare(struct filter_tree *tree, enum rmv_filter_field field,
		   enum rmv_filter_test test, rmv_u64 value)
{
	struct filter_node node = {
		.kind = FILTER_COMPARE,
		.field = (rmv_u8)field,
		.test = (rmv_u8)test,
		.value = value,
	};

	if (tree->compares == RMV_FILTER_STEPS)
		return -1;
	tree->compares++;
	return add_node(tree, &node);
}

int filter_combine(struct filter_tree *tree, enum filter_node_kind kind, int left, int right)
{
	struct filter_node node = { .kind = kind, .left = left, .right = right };

	if (left < 0 || right < 0)
		return -1;
	return add_node(tree, &node);
}

static rmv_u8 emit_comparison(const struct filter_node *node, struct filter_program *program,
			      unsigned int *first, rmv_u8 on_true, rmv_u8 on_false)
{
	--*first;
	program->steps[*first] = (struct rmv_filter_step){
		.field = node->field,
		.test = node->test,
		.on_true = on_true,
		.on_false = on_false,
		.value = node->value,
	};
	return (rmv_u8)*first;
}

/*
 * @first: index of the step that was laid down last. Returns where the node begins. Recursion goes
 * down on the right alone, where the parser's limit of nesting bounds it; chains grow on the left.
 */
static rmv_u8 emit(const struct filter_tree *tree, int index, struct filter_program *program,
		   unsigned int *first, rmv_u8 on_true, rmv_u8 on_false)
{
	for (;;) {
		const struct filter_node *node = &tree->nodes[index];
		rmv_u8 other = on_true;

		switch (node->kind) {
		case FILTER_COMPARE:
			return emit_comparison(node, program, first, on_true, on_false);
		case FILTER_NOT:
			on_true = on_false;
			on_false = other;
			break;
		case FILTER_AND:
			on_true = emit(tree, node->right, program, first, on_true, on_false);
			break;
		case FILTER_OR:
			on_false = emit(tree, node->right, program, first, on_true, on_false);
			break;
		}
		index = node->left;
	}
}

void filter_emit(const struct filter_tree *tree, int top, struct filter_program *program)
{
	unsigned int first = (unsigned int)tree->compares;

	program->count = first;
	emit(tree, top, program, &first, RMV_FILTER_ACCEPT, RMV_FILTER_REJECT);
}
