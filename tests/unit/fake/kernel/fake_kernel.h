/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel as those files of the shim need that unit tests compile
 * (shim-sources in the Makefile): each <linux/...> of theirs is this file.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asm/types.h>
#include <errno.h>
#include <signal.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define U64_MAX (~0ull)

/* ---- what is waited on: one thread reads here */
struct completion { int unused; };
struct mutex { int unused; };
struct rw_semaphore { int unused; };
struct work_struct { int unused; };
struct delayed_work { int unused; };
typedef struct { int unused; } wait_queue_head_t;

static inline void down_read(struct rw_semaphore *lock) { (void)lock; }
static inline void up_read(struct rw_semaphore *lock) { (void)lock; }

/* ---- memory and its order */
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define smp_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
/* What comes between the loads before it and those after it, where a test says so. */
#ifdef __cplusplus
extern "C"
#else
extern
#endif
void (*fake_at_rmb)(void);
#define smp_rmb() \
	do { \
		__atomic_thread_fence(__ATOMIC_ACQUIRE); \
		if (fake_at_rmb) \
			fake_at_rmb(); \
	} while (0)

#define GFP_KERNEL 0
#define GFP_KERNEL_ACCOUNT 0
#define struct_size(p, member, n) (sizeof(*(p)) + sizeof((p)->member[0]) * (n))

static inline void *kvzalloc(size_t bytes, int flags) { (void)flags; return calloc(1, bytes); }
static inline void kvfree(const void *memory) { free((void *)memory); }
static inline void *kzalloc(size_t bytes, int flags) { (void)flags; return calloc(1, bytes); }
static inline void *kmalloc(size_t bytes, int flags) { (void)flags; return malloc(bytes); }
static inline void kfree(const void *memory) { free((void *)memory); }

/* ---- errors in pointers */
#define IS_ERR(p) ((unsigned long)(p) > -4096ul)
#define PTR_ERR(p) ((long)(p))
#define ERR_PTR(r) ((void *)(long)(r))

/* ---- user space: what lies outside of it can't be read or written */
#ifdef __cplusplus
extern "C" {
#endif
extern unsigned char *fake_user_begin, *fake_user_end;
unsigned long copy_from_user(void *to, const void *from, unsigned long bytes);
unsigned long copy_to_user(void *to, const void *from, unsigned long bytes);
#ifdef __cplusplus
}
#endif
#define __user
#define put_user(value, to)                                                          \
	({                                                                           \
		__typeof__(*(to)) put = (value);                                     \
		copy_to_user(to, &put, sizeof(put)) ? -EFAULT : 0;                   \
	})

static inline void *memdup_user(const void *from, size_t bytes)
{
	void *copy = malloc(bytes);

	if (!copy_from_user(copy, from, bytes))
		return copy;
	free(copy);
	return ERR_PTR(-EFAULT);
}

static inline void *memchr_inv(const void *from, int byte, size_t bytes)
{
	const unsigned char *at = (const unsigned char *)from;

	for (; bytes; at++, bytes--)
		if (*at != byte)
			return (void *)at;
	return NULL;
}

/* ---- CPUs */
#ifdef __cplusplus
extern "C" {
#endif
extern unsigned int fake_possible_cpus;
#ifdef __cplusplus
}
#endif
#define num_possible_cpus() fake_possible_cpus
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < fake_possible_cpus; (cpu)++)

/* ---- texts and numbers */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define __printf(where, first) __attribute__((__format__(printf, where, first)))
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)
#define BIT(n) (1ul << (n))
#define __stringify_1(x) #x
#define __stringify(x) __stringify_1(x)

#ifndef __cplusplus
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(type, a, b) min((type)(a), (type)(b))
#endif

/* What was really written, as the kernel's own. */
static inline __printf(3, 0) int vscnprintf(char *text, size_t size, const char *format,
					    va_list arguments)
{
	int length = vsnprintf(text, size, format, arguments);

	return (size_t)length < size ? length : (int)size - 1;
}

static inline __printf(3, 4) int scnprintf(char *text, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vscnprintf(text, size, format, arguments);
	va_end(arguments);
	return length;
}
