// SPDX-License-Identifier: GPL-2.0-only
// Every CPUID leaf with its subleaves, and what lies beyond the last one; XGETBV.
#include <cpuid.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "witness.h"

enum { SUBLEAVES = 64, BEYOND = 2 };

struct registers {
	uint32_t eax, ebx, ecx, edx;
};

static struct registers query(uint32_t leaf, uint32_t subleaf)
{
	struct registers r;

	__cpuid_count(leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
	return r;
}

/* A subleaf that says the same as the one before is left out. */
static void show_leaf(uint32_t leaf)
{
	struct registers before = {0};

	for (uint32_t subleaf = 0; subleaf < SUBLEAVES; subleaf++) {
		struct registers r = query(leaf, subleaf);

		if (subleaf > 0 && memcmp(&r, &before, sizeof(r)) == 0)
			continue;
		printf("cpuid %08x.%02x %08x %08x %08x %08x\n", leaf, subleaf, r.eax, r.ebx, r.ecx,
		       r.edx);
		before = r;
	}
}

static void show_range(uint32_t first)
{
	uint32_t last = query(first, 0).eax;

	if (last < first || last > first + 0x100)
		last = first;
	for (uint32_t leaf = first; leaf <= last + BEYOND; leaf++)
		show_leaf(leaf);
}

void show_cpuid(void)
{
	static const uint32_t ranges[] = {0, 0x40000000, 0x80000000, 0x80860000, 0xc0000000};

	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		show_range(ranges[i]);
	show_leaf(0xffffffff);
}

static uint64_t xgetbv(uint32_t index)
{
	uint32_t low, high;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(index));
	return low | (uint64_t)high << 32;
}

void show_xcr(void)
{
	bool osxsave = query(1, 0).ecx & (1u << 27);

	if (!osxsave)
		return;
	printf("xcr0 %llx\n", (unsigned long long)xgetbv(0));
	if (query(0xd, 1).eax & (1u << 2))
		printf("xinuse %s\n", xgetbv(1) & ~xgetbv(0) ? "outside xcr0" : "inside xcr0");
}
