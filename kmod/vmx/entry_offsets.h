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
#define CPU_QUICK 32
#define CPU_NUMBER 36
#ifdef RMVISOR_FAULT_INJECTION
#define CPU_WINDOW_DELAY 40
#define CPU_WINDOW_NMIS 44
#endif
/* Its TraceRing */
#define CPU_TRACE 64
#define TRACE_RECORDS 0
#define TRACE_HEAD 8
#define TRACE_INDEX_MASK 16
#define TRACE_MAP 24
/* Linux's CPUIDs in Cpu::stats: struct rmvisor_stats_entry */
#define CPU_STATS 128
#define CPU_CPUID_STATS (CPU_STATS + 16 + EXIT_REASON_CPUID * 144)
#define STATS_TICKS 8
#define STATS_HISTOGRAM 16
/* Bucket 0 ends below the second bit from here, the last one begins at the other */
#define STATS_BUCKET_0_BIT 5
#define STATS_LAST_BUCKET_BIT 20

/* struct rmv_gprs */
#define GPRS_RAX 0
#define GPRS_RCX 8
#define GPRS_RDX 16
#define GPRS_RBX 24
#define GPRS_RSP 32
#define GPRS_RBP 40
#define GPRS_RSI 48
#define GPRS_RDI 56
#define GPRS_R8 64
#define GPRS_R9 72
#define GPRS_R10 80
#define GPRS_R11 88
#define GPRS_R12 96
#define GPRS_R13 104
#define GPRS_R14 112
#define GPRS_R15 120
#define GPRS_BYTES 128

/* Bits of CPU_QUICK: entry.S may answer the next CPUID, without or with a record; its ticks are counted */
#define QUICK_ANSWER 1
#define QUICK_LATENCY 2
#define QUICK_TRACE 4
/* CPUID leaves with bits that mirror CR4: 1, 7, 19h */
#define HIGHEST_LEAF_OF_CR4 0x19
#define LEAVES_OF_CR4 0x02000082

/* Bits of CPU_PENDING: what hit root and is to be looked at before the next entry */
#define PENDING_NMI 1
#define PENDING_MACHINE_CHECK 2

/* Field encodings, and what is in the fields */
#define FIELD_EXIT_REASON 0x4402
#define FIELD_EXIT_INSTRUCTION_LENGTH 0x440c
#define FIELD_GUEST_CS_ACCESS_RIGHTS 0x4816
#define FIELD_GUEST_INTERRUPTIBILITY 0x4824
#define FIELD_GUEST_RSP 0x681c
#define FIELD_GUEST_RIP 0x681e
#define FIELD_GUEST_RFLAGS 0x6820
#define EXIT_REASON_CPUID 10
#define INSTRUCTION_SHADOW 3
#define RFLAGS_TF 0x100
#define CS_LONG_MODE 0x2000

/* struct rmvisor_trace_record, its size, and the dword at `type` for a CPUID of Linux's 64-bit code */
#define RECORD_TSC 0
#define RECORD_ROOT_TICKS 8
#define RECORD_CPU 12
#define RECORD_VCPU 16
#define RECORD_TYPE 20
#define RECORD_LENGTH_SHIFT 24
#define RECORD_RIP 24
#define RECORD_CS_BASE 32
#define RECORD_QUALIFICATION 40
#define RECORD_RAX 48
#define RECORD_RCX 52
#define RECORD_RDX 56
#define RECORD_ERROR_CODE 60
#define RECORD_SHIFT 6
#define RECORD_OF_CPUID 0x940201
/* struct rmvisor_trace_map */
#define MAP_HEAD 40

#ifdef RMVISOR_FAULT_INJECTION
/* CPUID of this leaf is skipped in entry.S; tests/bench asks for it. */
#define FLOOR_LEAF 0x524d5600
#endif

/* Bytes from one fault stub to the next */
#define FAULT_STUB_BYTES 16
#define FAULT_VECTORS 32

#endif
