// SPDX-License-Identifier: GPL-2.0-only
/* The files of debugfs rmtest/. */
#include <linux/debugfs.h>
#include <linux/module.h>

#include "rmtest.h"

static struct dentry *directory;

static int __init rmtest_init(void)
{
	directory = debugfs_create_dir("rmtest", NULL);
	debugfs_create_file("alloc", 0600, directory, NULL, &alloc_fops);
	debugfs_create_file("init", 0200, directory, NULL, &init_fops);
	debugfs_create_file("kick", 0600, directory, NULL, &kick_fops);
	debugfs_create_file("nmi", 0600, directory, NULL, &nmi_fops);
	debugfs_create_file("smi", 0600, directory, NULL, &smi_fops);
	debugfs_create_file("state", 0400, directory, NULL, &state_fops);
	debugfs_create_file("stray", 0600, directory, NULL, &stray_fops);
	debugfs_create_file("vmx", 0400, directory, NULL, &vmx_fops);
	return 0;
}

static void __exit rmtest_exit(void)
{
	debugfs_remove_recursive(directory);
	alloc_stop();
}

module_init(rmtest_init);
module_exit(rmtest_exit);

MODULE_DESCRIPTION("Tests of rmvisor that need kernel code");
MODULE_LICENSE("GPL");
