/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a stopped vCPU as shim and visor hand it to each other: in
 * groups, so that an ioctl moves what it asks for and nothing else. Part of
 * abi.h.
 */
#ifndef RMVISOR_VCPU_ABI_H
#define RMVISOR_VCPU_ABI_H

#include "abi_types.h"

/* visor_public.group: what GET_STATE and SET_STATE move. */
enum visor_group {
	VISOR_GROUP_REGS = 0,         /* struct visor_vcpu_state */
	VISOR_GROUP_FPU = 1,          /* struct visor_fpu_state */
	VISOR_GROUP_DEBUG = 2,        /* struct visor_debug_state */
	VISOR_GROUP_EVENTS = 3,       /* struct visor_events_state */
	VISOR_GROUP_MSRS = 4,         /* struct visor_msrs: both ways the caller names the MSRs */
	VISOR_GROUP_CPUID = 5,        /* struct visor_cpuid_table */
	VISOR_GROUP_LAPIC = 6,        /* struct visor_lapic_state */
	VISOR_GROUP_GUEST_DEBUG = 7,  /* struct visor_guest_debug */
	VISOR_GROUP_COUNT
};

/* Order of general registers in rmv_gprs: as in instruction encodings. */
struct rmv_gprs {
	rmv_u64 rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
	rmv_u64 r8, r9, r10, r11, r12, r13, r14, r15;
};

struct rmv_segment {
	rmv_u64 base;
	rmv_u32 limit;
	rmv_u32 access_rights;        /* as in the VMCS (SDM: Guest Register State) */
	rmv_u16 selector;
	rmv_u16 reserved[3];
};

struct rmv_table {
	rmv_u64 base;
	rmv_u32 limit;
	rmv_u32 reserved;
};

struct visor_vcpu_state {
	struct rmv_gprs gprs;
	rmv_u64 rip, rflags;
	rmv_u64 cr0, cr2, cr3, cr4, cr8, efer, apic_base, dr7;
	struct rmv_segment cs, ds, es, fs, gs, ss, tr, ldt;
	struct rmv_table gdt, idt;
};

/*
 * x87, SSE and the extended states. The area is an XSAVE image in the standard
 * format (SDM: XSAVE Area), or a FXSAVE image where the CPU has no XSAVE; what
 * lies beyond its end is zero.
 */
#define RMV_XSAVE_BYTES 4096u
struct visor_fpu_state {
	rmv_u8 area[RMV_XSAVE_BYTES] __attribute__((aligned(64)));
	rmv_u64 xcr0;                 /* 1 where the CPU has no XSAVE */
	rmv_u64 reserved[7];
};

/* db: the address registers; the state of DR7 is the VMCS's. */
struct visor_debug_state {
	rmv_u64 db[4];
	rmv_u64 dr6, dr7;
};

/* Values as KVM_MP_STATE_*; without a local APIC a vCPU is always runnable. */
enum visor_mp_state {
	VISOR_MP_RUNNABLE = 0,
	VISOR_MP_UNINITIALIZED = 1,   /* an AP since power-up: waits for an INIT */
	VISOR_MP_INIT_RECEIVED = 2,   /* waits for a start-up IPI */
	VISOR_MP_HALTED = 3,
};

/* Events that are under way, and what holds others back. Flags are 0 or 1. */
struct visor_events_state {
	rmv_u8 exception_injected;    /* is delivered by the next entry */
	rmv_u8 exception_vector;
	rmv_u8 exception_has_error_code;
	rmv_u8 exception_pending;     /* not looked at yet; VM exits are possible still */
	rmv_u32 exception_error_code;
	rmv_u64 exception_payload;    /* CR2 or DR6 bits of a pending one */
	rmv_u8 exception_has_payload;
	rmv_u8 interrupt_injected;    /* an external interrupt, or (soft) an INT instruction */
	rmv_u8 interrupt_vector;
	rmv_u8 interrupt_soft;
	rmv_u8 interrupt_shadow;      /* bit 0: by MOV SS, bit 1: by STI (KVM_X86_SHADOW_INT_*) */
	rmv_u8 nmi_injected;
	rmv_u8 nmi_pending;
	rmv_u8 nmi_masked;
	rmv_u8 triple_fault_pending;
	rmv_u8 sipi_pending;
	rmv_u8 sipi_vector;
	rmv_u8 reserved0;
	rmv_u32 mp_state;             /* enum visor_mp_state */
	rmv_u64 reserved[4];
};

#define RMV_MSRS 248u
struct visor_msr {
	rmv_u32 index;
	rmv_u32 reserved;
	rmv_u64 value;
};

struct visor_msrs {
	rmv_u32 count;                /* entries that are filled */
	rmv_u32 done;                 /* answer: how many of them, from the first, were read or written */
	struct visor_msr entries[RMV_MSRS];
};

#define RMV_CPUID_ENTRIES 140u
struct visor_cpuid_entry {
	rmv_u32 leaf;
	rmv_u32 subleaf;
	rmv_u32 subleaf_matters;
	rmv_u32 eax, ebx, ecx, edx;
};

/* What CPUID answers this guest. GET gives what it would see now: OSXSAVE as in CR4. */
struct visor_cpuid_table {
	rmv_u32 count;
	struct visor_cpuid_entry entries[RMV_CPUID_ENTRIES];
};

/* The virtual APIC's registers, each at its offset in the page (SDM: Local APIC Register Address Map). */
struct visor_lapic_state {
	rmv_u8 registers[RMV_PAGE_SIZE];
};

enum visor_debug_flag {
	VISOR_DEBUG_STEP = 1u << 0,           /* stop after every instruction */
	VISOR_DEBUG_CODE_BREAKPOINTS = 1u << 1, /* stop at INT3 */
	VISOR_DEBUG_REGISTERS = 1u << 2,      /* db and dr7 are in force instead of the guest's */
};

/* How the owner debugs the guest. */
struct visor_guest_debug {
	rmv_u32 flags;                /* enum visor_debug_flag */
	rmv_u32 reserved;
	rmv_u64 db[4];
	rmv_u64 dr7;
};

/* The mailbox's room for one group. */
union visor_group_data {
	struct visor_vcpu_state regs;
	struct visor_fpu_state fpu;
	struct visor_debug_state debug;
	struct visor_events_state events;
	struct visor_msrs msrs;
	struct visor_cpuid_table cpuid;
	struct visor_lapic_state lapic;
	struct visor_guest_debug guest_debug;
};

RMV_ASSERT(sizeof(union visor_group_data) == RMV_XSAVE_BYTES + 64, "the largest group");
RMV_ASSERT(sizeof(struct visor_events_state) == 64, "no hole");

#endif /* RMVISOR_VCPU_ABI_H */
