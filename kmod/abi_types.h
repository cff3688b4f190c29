/* SPDX-License-Identifier: GPL-2.0-only */
/* What every part of the border between shim and visor is made of. Part of abi.h. */
#ifndef RMVISOR_ABI_TYPES_H
#define RMVISOR_ABI_TYPES_H

#ifdef __cplusplus
#define RMV_ASSERT static_assert
#else
#define RMV_ASSERT _Static_assert
#endif

/* Fixed-width types: the kernel's u64 and std::uint64_t mangle differently. */
typedef unsigned char rmv_u8;
typedef unsigned short rmv_u16;
typedef unsigned int rmv_u32;
typedef unsigned long long rmv_u64;

#define RMV_PAGE_SIZE 4096u

#endif /* RMVISOR_ABI_TYPES_H */
