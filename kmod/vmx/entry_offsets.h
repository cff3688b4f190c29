/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Offsets and numbers that entry.S shares with C++. cpu.hpp and root_env.cpp assert
 * that they are right.
 */
#ifndef RMVISOR_ENTRY_OFFSETS_H
#define RMVISOR_ENTRY_OFFSETS_H

/* struct Cpu, reached through GS in root */
#define CPU_SELF 0
#define CPU_FRAME 8
#define CPU_PENDING 16
#define CPU_VMCS_LAUNCHED 20
#define CPU_NMI_RETURNS_BY_IRET 24

#ifdef RMVISOR_FAULT_INJECTION
#define CPU_WINDOW_DELAY 32
#define CPU_WINDOW_NMIS 36
#endif

/* sizeof(struct rmv_gprs) */
#define GPRS_BYTES 128

/* Bits of CPU_PENDING: what hit root and is to be looked at before the next entry */
#define PENDING_NMI 1
#define PENDING_MACHINE_CHECK 2

/* Field encodings that VMLAUNCH's caller writes */
#define FIELD_GUEST_RSP 0x681c
#define FIELD_GUEST_RIP 0x681e

#ifdef RMVISOR_FAULT_INJECTION
#define FIELD_EXIT_REASON 0x4402
#define EXIT_REASON_CPUID 10
/* CPUID of this leaf is skipped in entry.S; tests/bench asks for it. */
#define FLOOR_LEAF 0x524d5600
#endif

/* Bytes from one fault stub to the next */
#define FAULT_STUB_BYTES 16
#define FAULT_VECTORS 32

#endif
