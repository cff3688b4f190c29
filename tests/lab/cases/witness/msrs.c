// SPDX-License-Identifier: GPL-2.0-only
// MSRs through Linux's msr.ko, those that do not exist among them: there RDMSR must fault.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "witness.h"

/* First and last of a range. None that counts, and none that differs from task to task. */
static const struct {
	uint32_t first, last;
} ranges[] = {
	{0x000, 0x00f}, /* many of these do not exist */
	{0x017, 0x017}, /* PLATFORM_ID */
	{0x01b, 0x01b}, /* APIC_BASE */
	{0x03a, 0x03b}, /* FEATURE_CONTROL, TSC_ADJUST */
	{0x08b, 0x08b}, /* BIOS_SIGN_ID */
	{0x0ce, 0x0ce}, {0x0cf, 0x0cf},
	{0x0fe, 0x0fe}, /* MTRRCAP */
	{0x10a, 0x10b}, {0x122, 0x123},
	{0x174, 0x176}, /* SYSENTER */
	{0x179, 0x17a}, /* MCG */
	{0x1a0, 0x1a0}, /* MISC_ENABLE */
	{0x1d9, 0x1d9}, /* DEBUGCTL */
	{0x200, 0x20f}, {0x250, 0x250}, {0x258, 0x259}, {0x268, 0x26f}, /* MTRRs */
	{0x277, 0x277}, {0x2ff, 0x2ff}, /* PAT, MTRR_DEF_TYPE */
	{0x480, 0x493}, /* what VMX can */
	{0x6a0, 0x6a2}, {0x6a8, 0x6a8}, /* CET */
	{0x802, 0x803}, {0x830, 0x830}, /* x2APIC: #GP unless it is on */
	{0xda0, 0xda0}, /* XSS */
	{0x1fff, 0x2000}, /* the end of the low range of the MSR bitmap */
	{0x12345678, 0x12345678}, {0x40000000, 0x40000001}, {0x4b564d00, 0x4b564d00},
	{0xbfffffff, 0xbfffffff}, {0xc0000080, 0xc0000084}, /* EFER, STAR and the like */
	{0xc0000101, 0xc0000101}, {0xc0000103, 0xc0000103}, /* GS base, TSC_AUX */
	{0xc0001fff, 0xc0002000}, {0xc0010015, 0xc0010015}, {0xffffffff, 0xffffffff},
};

static void show_read(int file, uint32_t msr)
{
	uint64_t value;

	if (pread(file, &value, sizeof(value), msr) == sizeof(value))
		printf("msr %x %016llx\n", msr, (unsigned long long)value);
	else
		printf("msr %x %s\n", msr, strerror(errno));
}

/* Values that WRMSR must refuse. */
static void show_bad_write(int file, uint32_t msr, uint64_t value)
{
	ssize_t done = pwrite(file, &value, sizeof(value), msr);

	printf("write %x %s\n", msr, done == sizeof(value) ? "taken" : strerror(errno));
}

void show_msrs(int cpu)
{
	char name[64];
	int file;

	sprintf(name, "/dev/cpu/%d/msr", cpu);
	file = open(name, O_RDWR);
	if (file < 0) {
		printf("msr %s\n", strerror(errno));
		return;
	}
	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		for (uint64_t msr = ranges[i].first; msr <= ranges[i].last; msr++)
			show_read(file, (uint32_t)msr);
	show_bad_write(file, 0x277, 0x0202020202020202);
	show_bad_write(file, 0x2ff, 0xff);
	show_bad_write(file, 0x12345678, 0);
	show_bad_write(file, 0x480, 0);
	show_bad_write(file, 0xc0000080, ~0ull);
	close(file);
}
