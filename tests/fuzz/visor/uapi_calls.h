/* SPDX-License-Identifier: GPL-2.0-only */
/* The shim's ioctls of a stopped vCPU, as its own sources have them, for a target that is C++. */
#ifndef UAPI_CALLS_H
#define UAPI_CALLS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One struct of KVM's: how it is set, and how it is read back (NULL: it can't be). */
struct uapi_call {
	const char *name;
	size_t bytes;
	size_t entry_bytes;	/* of a list: what follows the head, as often as its first word says */
	long (*set)(void *user);
	long (*get)(void *user);
};

extern const struct uapi_call uapi_calls[];
extern const unsigned int uapi_call_count;

/* A new vCPU; its struct kvm_run, and what KVM_RUN does with its registers before and after. */
void uapi_start(void);
void *uapi_run_page(void);
size_t uapi_run_bytes(void);
long uapi_take_sync_regs(void);
long uapi_give_sync_regs(void);

/* What may be read and written as user space from now on. */
void uapi_user(void *begin, size_t bytes);

/* Of the target: the visor's side of the mailbox. An errno, negative. */
int uapi_get_group(unsigned int group, void *data, size_t bytes);
int uapi_set_group(unsigned int group, const void *data, size_t bytes);
int uapi_move_msrs(int set, void *msrs, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif /* UAPI_CALLS_H */
