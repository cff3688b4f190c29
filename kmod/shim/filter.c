// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter's grammar (filter.h), by recursive descent. A function that parses
 * something returns its node, or -1 after an error was noted.
 */
#include "filter.h"
#include "filter_token.h"

struct parser {
	struct filter_token token;	/* the next one */
	struct filter_tree *tree;
	struct filter_error *error;
	const char *text;
	unsigned int nesting;
};

static int fail_at(struct parser *p, const char *place, const char *what)
{
	if (!p->error->what) {
		p->error->position = (rmv_u32)(place - p->text);
		p->error->what = what;
	}
	return -1;
}

static int fail(struct parser *p, const char *what)
{
	return fail_at(p, p->token.word.text, what);
}

static void advance(struct parser *p)
{
	p->token = filter_next_token(p->token.word.text + p->token.word.length);
}

/* The tree is full. */
static int built(struct parser *p, int node)
{
	return node < 0 ? fail(p, "this is too long") : node;
}

static int compare(struct parser *p, const struct filter_field *field, enum rmv_filter_test test,
		   rmv_u64 value)
{
	return built(p, filter_compare(p->tree, field->field, test, value));
}

static int join(struct parser *p, enum filter_node_kind kind, int left, int right)
{
	return left < 0 || right < 0 ? -1 : built(p, filter_combine(p->tree, kind, left, right));
}

static int parse_value(struct parser *p, const struct filter_field *field, rmv_u64 *value)
{
	const char *place = p->token.word.text;
	int number;

	switch (p->token.kind) {
	case FILTER_TOKEN_NUMBER:
		*value = p->token.number;
		advance(p);
		return 0;
	case FILTER_TOKEN_TOO_BIG:
		return fail(p, "this number does not fit into 64 bits");
	case FILTER_TOKEN_BAD_NUMBER:
		return fail(p, "this is no number; hexadecimal ones begin with 0x");
	case FILTER_TOKEN_WORD:
		if (!field->names)
			return fail(p, "this field has no names, here a number is expected");
		number = field->names(p->token.word);
		if (number < 0)
			return fail_at(p, place, "this field has no such name");
		*value = (rmv_u64)number;
		advance(p);
		return 0;
	default:
		return fail(p, "a value is expected here");
	}
}

/* LOW..HIGH, when LOW has been read and the dots come next. */
static int parse_range(struct parser *p, const struct filter_field *field, enum rmv_filter_test test,
		       rmv_u64 low)
{
	const char *place = p->token.word.text;
	rmv_u64 high;
	int left, right;

	if (test != RMV_TEST_EQUAL && test != RMV_TEST_NOT_EQUAL)
		return fail(p, "a range goes with == and != only");
	advance(p);
	if (parse_value(p, field, &high))
		return -1;
	if (high < low)
		return fail_at(p, place, "this range ends before it begins");
	if (test == RMV_TEST_EQUAL) {
		left = compare(p, field, RMV_TEST_ABOVE_OR_EQUAL, low);
		right = compare(p, field, RMV_TEST_BELOW_OR_EQUAL, high);
		return join(p, FILTER_AND, left, right);
	}
	left = compare(p, field, RMV_TEST_BELOW, low);
	right = compare(p, field, RMV_TEST_ABOVE, high);
	return join(p, FILTER_OR, left, right);
}

/* "port == 0x60" is "an I/O instruction, and its port is 60h". */
static int add_condition(struct parser *p, const struct filter_field *field, int node)
{
	static const struct filter_field reason = { .field = RMV_FIELD_REASON };
	int first, last;

	if (!field->first_reason)
		return node;
	first = compare(p, &reason, RMV_TEST_ABOVE_OR_EQUAL, field->first_reason);
	last = compare(p, &reason, RMV_TEST_BELOW_OR_EQUAL, field->last_reason);
	return join(p, FILTER_AND, join(p, FILTER_AND, first, last), node);
}

static int parse_comparison(struct parser *p)
{
	const struct filter_field *field;
	enum rmv_filter_test test;
	rmv_u64 value;
	int node;

	if (p->token.kind != FILTER_TOKEN_WORD)
		return fail(p, "a field, ! or ( is expected here");
	field = filter_find_field(p->token.word);
	if (!field)
		return fail(p, "there is no such field");
	advance(p);
	if (p->token.kind != FILTER_TOKEN_TEST)
		return fail(p, "one of == != < <= > >= & is expected here");
	test = p->token.test;
	advance(p);
	if (parse_value(p, field, &value))
		return -1;
	if (p->token.kind == FILTER_TOKEN_DOTS)
		node = parse_range(p, field, test, value);
	else
		node = compare(p, field, test, value);
	return node < 0 ? -1 : add_condition(p, field, node);
}

static int parse_expression(struct parser *p);

static int parse_parentheses(struct parser *p)
{
	int node;

	advance(p);
	node = parse_expression(p);
	if (node < 0)
		return -1;
	if (p->token.kind != FILTER_TOKEN_CLOSE)
		return fail(p, "), && or || is expected here");
	advance(p);
	return node;
}

static int parse_not(struct parser *p);

static int parse_operand(struct parser *p)
{
	int node;

	if (p->token.kind != FILTER_TOKEN_NOT && p->token.kind != FILTER_TOKEN_OPEN)
		return parse_comparison(p);
	if (p->nesting == FILTER_NESTING)
		return fail(p, "this is nested too deep");
	p->nesting++;
	node = p->token.kind == FILTER_TOKEN_NOT ? parse_not(p) : parse_parentheses(p);
	p->nesting--;
	return node;
}

static int parse_not(struct parser *p)
{
	int node;

	advance(p);
	node = parse_operand(p);
	return join(p, FILTER_NOT, node, node);
}

static int parse_and(struct parser *p)
{
	int node = parse_operand(p);

	while (node >= 0 && p->token.kind == FILTER_TOKEN_AND) {
		advance(p);
		node = join(p, FILTER_AND, node, parse_operand(p));
	}
	return node;
}

static int parse_expression(struct parser *p)
{
	int node = parse_and(p);

	while (node >= 0 && p->token.kind == FILTER_TOKEN_OR) {
		advance(p);
		node = join(p, FILTER_OR, node, parse_and(p));
	}
	return node;
}

static int is_last(struct filter_token token)
{
	return filter_next_token(token.word.text + token.word.length).kind == FILTER_TOKEN_END;
}

/* Nothing at all, "0", "none". */
static int accepts_everything(struct filter_token token)
{
	if (token.kind == FILTER_TOKEN_END)
		return 1;
	if (token.kind == FILTER_TOKEN_NUMBER && token.number == 0)
		return is_last(token);
	return token.kind == FILTER_TOKEN_WORD && filter_word_is(token.word, "none") &&
	       is_last(token);
}

int filter_compile(const char *text, struct filter_tree *tree, struct filter_program *program,
		   struct filter_error *error)
{
	struct parser p = { .tree = tree, .error = error, .text = text };
	int top;

	*error = (struct filter_error){ 0 };
	tree->count = tree->compares = 0;
	program->count = 0;
	p.token = filter_next_token(text);
	if (accepts_everything(p.token))
		return 0;
	top = parse_expression(&p);
	if (top < 0)
		return -1;
	if (p.token.kind != FILTER_TOKEN_END)
		return fail(&p, "&&, || or the end is expected here");
	filter_emit(tree, top, program);
	return 0;
}
