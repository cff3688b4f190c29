// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <linux/rmvisor.h>

#include "vm_names.h"

struct named {
	u16 number;		/* 0: none */
	char name[RMVISOR_NAME_BYTES];
};

/* A ring: the next name goes to `noted` modulo its size. */
static struct named names[VM_NAMES];
static unsigned int noted;
static DEFINE_MUTEX(names_lock);

static struct named *find(u16 number)
{
	unsigned int i;

	for (i = 0; i < VM_NAMES; i++)
		if (names[i].number == number)
			return &names[i];
	return NULL;
}

void rm_vm_names_note(u16 number, const char *name)
{
	struct named *entry;

	mutex_lock(&names_lock);
	entry = find(number);
	if (!entry)
		entry = &names[noted++ % VM_NAMES];
	entry->number = number;
	memcpy(entry->name, name, sizeof(entry->name));
	mutex_unlock(&names_lock);
}

void rm_vm_names_forget(u16 number)
{
	struct named *entry;

	mutex_lock(&names_lock);
	entry = find(number);
	if (entry)
		entry->number = 0;
	mutex_unlock(&names_lock);
}

void rm_vm_names_show(struct seq_file *file, const char *prefix)
{
	unsigned int i;

	mutex_lock(&names_lock);
	for (i = noted - min_t(unsigned int, noted, VM_NAMES); i != noted; i++) {
		const struct named *entry = &names[i % VM_NAMES];

		if (entry->number)
			seq_printf(file, "%svm%u %s\n", prefix, entry->number, entry->name);
	}
	mutex_unlock(&names_lock);
}

int names_file_show(struct seq_file *file, void *unused)
{
	rm_vm_names_show(file, "");
	return 0;
}
