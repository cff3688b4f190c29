// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs filter.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "filter.h"
#include "filter_file.h"
#include "watch.h"

/* Of an expression, with its end. */
#define TEXT_BYTES 1024

/* One attempt: too big for the stack. */
struct attempt {
	struct filter_tree tree;
	struct filter_program program;
};

static DEFINE_MUTEX(filter_mutex);
static char text[TEXT_BYTES];
static char refused[TEXT_BYTES];
static struct filter_error why;		/* refused; what is NULL: it was not */

static int filter_show(struct seq_file *file, void *unused)
{
	mutex_lock(&filter_mutex);
	seq_printf(file, "%s\n", text);
	if (why.what)
		seq_printf(file, "%s\n%*s^ character %u: %s\n", refused, (int)why.position, "",
			   why.position + 1, why.what);
	mutex_unlock(&filter_mutex);
	return 0;
}

static int compile(struct attempt *attempt, const char *wanted)
{
	struct filter_error error;
	int r;

	if (filter_compile(wanted, &attempt->tree, &attempt->program, &error)) {
		why = error;
		strscpy(refused, wanted, sizeof(refused));
		return -EINVAL;
	}
	r = watch_set_filter(attempt->program.steps, attempt->program.count);
	why.what = NULL;
	strscpy(text, attempt->program.count ? wanted : "none", sizeof(text));
	return r;
}

static int set_filter(char *wanted)
{
	struct attempt *attempt = kvmalloc(sizeof(*attempt), GFP_KERNEL);
	int r;

	if (!attempt)
		return -ENOMEM;
	/* It stands in one line of the file. */
	strreplace(wanted, '\t', ' ');
	wanted[strcspn(wanted, "\n")] = '\0';
	mutex_lock(&filter_mutex);
	r = compile(attempt, wanted);
	mutex_unlock(&filter_mutex);
	kvfree(attempt);
	return r;
}

static ssize_t filter_write(struct file *file, const char __user *buffer, size_t count,
			    loff_t *position)
{
	char *wanted;
	int r;

	if (count >= TEXT_BYTES)
		return -E2BIG;
	wanted = memdup_user_nul(buffer, count);
	if (IS_ERR(wanted))
		return PTR_ERR(wanted);
	r = set_filter(wanted);
	kfree(wanted);
	return r ?: count;
}

static int filter_open(struct inode *inode, struct file *file)
{
	return single_open(file, filter_show, NULL);
}

void filter_init(void)
{
	strscpy(text, "none", sizeof(text));
	why.what = NULL;
}

const struct file_operations filter_fops = {
	.owner = THIS_MODULE,
	.open = filter_open,
	.read = seq_read,
	.write = filter_write,
	.llseek = seq_lseek,
	.release = single_release,
};
