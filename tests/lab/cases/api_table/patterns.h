// SPDX-License-Identifier: GPL-2.0-only
// What api_table.c leaves in the CPUs, and looks for in a guest.
#pragma once

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

// Bytes of this process in the vector registers of every CPU: none may be there in a guest.
static void leave_patterns(void) {
    static const uint8_t pattern[32] = {[0 ... 31] = 0xa5};
    const int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);

    for (int cpu = 0; cpu < cpus; ++cpu) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof(one), &one);
        if (__builtin_cpu_supports("avx"))
            asm volatile("vmovdqu %0, %%ymm1; vmovdqu %0, %%ymm15" ::"m"(pattern)
                         : "xmm1", "xmm15");
        else
            asm volatile("movdqu %0, %%xmm1; movdqu %0, %%xmm15" ::"m"(pattern) : "xmm1", "xmm15");
        sched_yield();
    }
    cpu_set_t all;
    memset(&all, 0xff, sizeof(all));
    sched_setaffinity(0, sizeof(all), &all);
}

static int has_bytes(const uint8_t* image, size_t first, size_t end) {
    while (first < end)
        if (image[first++] != 0) return 1;
    return 0;
}
