/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The border between the shim (C, Linux) and the visor (C++, root): the one
 * header that both languages see. Plain structs and direct calls only; no
 * function pointer crosses.
 *
 * visor_*: implemented by the visor, called by the shim, always from Linux.
 * shim_*:  implemented by the shim, called by the visor's set-up code in
 *          process context, before the memory in question is used in root.
 *          Code that runs in root never calls them (checked at build time).
 *
 * "status" is 0 or an enum visor_status; the shim turns it into an errno and a
 * line in the kernel log.
 */
#ifndef RMVISOR_ABI_H
#define RMVISOR_ABI_H

#include <linux/rmvisor.h>

#include "abi_types.h"
#include "trial_abi.h"
#include "vcpu_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RMV_EXIT_REASONS RMVISOR_STATS_REASONS

/* Why something did not work. Text and cure: visor_status_text(). */
enum visor_status {
	VISOR_OK = 0,
	/* pre-flight: facts about a CPU */
	VISOR_NO_VMX,                 /* CPUID.1:ECX.VMX[5] = 0 */
	VISOR_FEATURE_CONTROL_OFF,    /* IA32_FEATURE_CONTROL locked without VMX outside SMX */
	VISOR_VMX_IN_USE,             /* CR4.VMXE is set: somebody else runs VMX */
	VISOR_NO_TRUE_CONTROLS,       /* IA32_VMX_BASIC[55] = 0 */
	VISOR_NO_SECONDARY_CONTROLS,
	VISOR_NO_EPT,
	VISOR_NO_EPT_FEATURE,         /* 4-level walk, WB tables, INVEPT */
	VISOR_NO_VPID,
	VISOR_NO_UNRESTRICTED_GUEST,
	VISOR_NO_PREEMPTION_TIMER,
	VISOR_NO_NMI_CONTROLS,        /* NMI exiting and virtual NMIs */
	/* another required control */
	VISOR_NO_CONTROL,             /* detail: capability MSR << 32 | bits */
	VISOR_UNKNOWN_CR4,            /* detail: the CR4 bits */
	VISOR_FRED_IN_USE,
	VISOR_SHADOW_STACK_IN_USE,    /* supervisor shadow stacks */
	VISOR_CPUS_DIFFER,            /* detail: index into the facts */
	/* set-up and launch */
	VISOR_NO_MEMORY,
	VISOR_BAD_ARGUMENT,
	VISOR_VMXON_FAILED,           /* detail: VM-instruction error, 0 for VMfailInvalid */
	/* VMCLEAR, VMPTRLD, VMREAD or VMWRITE */
	VISOR_VMCS_FAILED,            /* detail as above; of VMREAD, VMWRITE: field, bit 31 set */
	VISOR_ENTRY_FAILED,           /* VMLAUNCH; detail: VM-instruction error or exit reason */
	/* dedicated CPUs */
	VISOR_WRONG_STATE,            /* the CPU is not in the state that the call needs */
	VISOR_UNSUPPORTED,            /* the visor does not have what was asked for */
	/* leave */
	VISOR_VMXOFF_FAILED,          /* the CPU goes on in VMX operation */
	VISOR_STATUS_COUNT
};

/* What one CPU can do; read on it by visor_read_facts(). */
struct visor_cpu_facts {
	rmv_u64 vmx_basic;            /* capability MSRs, 0 where absent */
	rmv_u64 pin_controls;         /* TRUE variants */
	rmv_u64 primary_controls;
	rmv_u64 secondary_controls;
	rmv_u64 exit_controls;
	rmv_u64 entry_controls;
	rmv_u64 ept_vpid_cap;
	rmv_u64 vmx_misc;
	rmv_u64 cr0_fixed0, cr0_fixed1;
	rmv_u64 cr4_fixed0, cr4_fixed1;
	rmv_u64 feature_control;
	rmv_u64 cr4;
	rmv_u64 s_cet;                /* IA32_S_CET, 0 where CET is off or absent */
	rmv_u32 has_vmx;
	rmv_u32 physical_bits;        /* MAXPHYADDR */
};

struct visor_refusal {
	rmv_u32 status;               /* enum visor_status */
	rmv_u32 rule;                 /* VISOR_ENTRY_FAILED: for visor_entry_rule_text() */
	rmv_u64 detail;
};

struct visor_setup_args {
	rmv_u32 x2apic;               /* Linux runs the local APIC in x2APIC mode */
	rmv_u32 has_smi_count;        /* MSR_SMI_COUNT is there and counts */
	rmv_u64 smi_gap_ticks;        /* TSC ticks: root takes a longer gap for an SMI; 0: none */
	rmv_u64 cr3_user_bits;        /* what page-table isolation sets in user mode, or 0 */
	rmv_u64 apic_phys;            /* physical base of the xAPIC page, used when x2apic is 0 */
};

/*
 * The trace's filter: what a step looks at. A record that has no such field
 * fails every test of it.
 */
enum rmv_filter_field {
	RMV_FIELD_TYPE = 0,           /* enum rmvisor_trace_type */
	RMV_FIELD_REASON,             /* of an exit */
	RMV_FIELD_CPU,
	RMV_FIELD_VM,
	RMV_FIELD_VCPU,
	RMV_FIELD_ACTION,             /* of an exit */
	RMV_FIELD_QUALIFICATION,
	RMV_FIELD_QUALIFICATION_HIGH, /* bits 31:16: the port of I/O exits */
	RMV_FIELD_RCX,                /* low 32 bits: the number of an MSR */
	RMV_FIELD_RIP,
	RMV_FIELD_ADDRESS,            /* CS base + RIP */
	RMV_FIELD_PHYSICAL,
	RMV_FIELD_LINEAR,
	RMV_FIELD_TICKS,              /* in root */
	RMV_FIELD_COUNT
};

enum rmv_filter_test {
	RMV_TEST_EQUAL = 0,
	RMV_TEST_NOT_EQUAL,
	RMV_TEST_BELOW,
	RMV_TEST_BELOW_OR_EQUAL,
	RMV_TEST_ABOVE,
	RMV_TEST_ABOVE_OR_EQUAL,
	RMV_TEST_BITS,                /* one of these bits is set */
	RMV_TEST_COUNT
};

#define RMV_FILTER_STEPS 64u
/* Targets of a step: a later step, or one of these. */
#define RMV_FILTER_ACCEPT 0xffu
#define RMV_FILTER_REJECT 0xfeu

struct rmv_filter_step {
	rmv_u8 field;                 /* enum rmv_filter_field */
	rmv_u8 test;                  /* enum rmv_filter_test */
	rmv_u8 on_true, on_false;
	rmv_u32 reserved;
	rmv_u64 value;
};

/* What is recorded on a CPU. Written by Linux; the visor checks and copies it when told to. */
struct visor_watch_args {
	rmv_u32 trace_on;
	rmv_u32 overwrite;            /* a full ring: 1 the oldest records go, 0 no more come */
	rmv_u32 stats_on;             /* ticks and histograms */
	rmv_u32 filter_steps;         /* 0: no filter */
	struct rmv_filter_step filter[RMV_FILTER_STEPS];
};

/* The memory of a CPU's ring, and with which tables of the visor's memory it can be reached. */
struct visor_ring_args {
	rmv_u64 virt;                 /* a page for readers, then the records */
	rmv_u32 records;              /* a power of two, from 64 on */
	rmv_u32 generation;           /* changes with every new ring */
	rmv_u64 root_cr3;             /* these two by visor_rings_rebuild() */
	rmv_u64 ept_pointer;
};

/* One CPU's memory, allocated by the shim (visor_cpu_bytes(), zeroed, page aligned, contiguous). */
struct visor_cpu;

struct visor_cpu_args {
	rmv_u32 cpu;                  /* Linux's number */
	rmv_u32 trace_records;        /* a power of two, from 64 on */
	rmv_u64 trace_virt;           /* a page, trace_records * 64 bytes; zeroed, page aligned */
	rmv_u64 gdt_virt;             /* Linux's writable mapping of this CPU's GDT */
};

/* Life of a CPU, seen from Linux; written by the visor only. */
enum visor_cpu_state {
	VISOR_CPU_NATIVE = 0,         /* not in VMX operation */
	VISOR_CPU_LINUX = 1,          /* runs Linux as a guest */
	VISOR_CPU_PARKED = 2,         /* taken from Linux; waits in root for a command */
	VISOR_CPU_RUNNING = 3,        /* taken from Linux; runs a real-mode guest */
	VISOR_CPU_BROKEN = 4,         /* a fault in root; see the fault record */
};

/* Commands to a parked CPU. */
enum visor_command {
	VISOR_COMMAND_NONE = 0,
	VISOR_COMMAND_RUN = 1,        /* enter the guest; stops with a visor_stop record */
	VISOR_COMMAND_GET_STATE = 2,  /* what mailbox.group names -> mailbox.group_data */
	VISOR_COMMAND_SET_STATE = 3,  /* and back */
	VISOR_COMMAND_RESET = 4,      /* new guest: ept_pointer, vm; the reset state */
	VISOR_COMMAND_GIVE_BACK = 5,  /* leave VMX into Linux's dead loop */
	VISOR_COMMAND_DOORBELL = 6,   /* ring the doorbell (self-test) */
};

/* visor_public.apic: what a vCPU has as its local APIC. */
enum visor_apic {
	VISOR_APIC_NONE = 0,          /* HLT stops the guest; only its owner interrupts */
	VISOR_APIC_EMULATED = 1,
	VISOR_APIC_PHYSICAL = 2,      /* builds for tests: nothing is intercepted */
};

/* Why a run stopped. The numbers are in trace records too, so the ABI's header has them. */
enum visor_stop_reason {
	VISOR_STOP_NONE = RMVISOR_STOP_NONE,
	VISOR_STOP_IO = RMVISOR_STOP_IO,             /* IN or OUT; RIP at the instruction */
	VISOR_STOP_HLT = RMVISOR_STOP_HLT,           /* RIP after the HLT */
	VISOR_STOP_SHUTDOWN = RMVISOR_STOP_SHUTDOWN, /* triple fault */
	VISOR_STOP_ENTRY_FAILED = RMVISOR_STOP_ENTRY_FAILED, /* hardware_reason, rule */
	VISOR_STOP_KICK = RMVISOR_STOP_KICK,         /* Linux asked for it */
	VISOR_STOP_MEMORY = RMVISOR_STOP_MEMORY,     /* outside its memory: guest_physical */
	VISOR_STOP_UNHANDLED = RMVISOR_STOP_UNHANDLED, /* an exit that the visor has no answer to */
	VISOR_STOP_VMX_ERROR = RMVISOR_STOP_VMX_ERROR, /* VMX instruction: instruction_error */
	VISOR_STOP_DEBUG = RMVISOR_STOP_DEBUG, /* for the owner that debugs the guest: debug_* */
	VISOR_STOP_PDPTES = RMVISOR_STOP_PDPTES, /* PAE: shim reads 32 bytes at guest_physical */
	VISOR_STOP_INIT_STORM = RMVISOR_STOP_INIT_STORM, /* physical INITs without progress */
	VISOR_STOP_BUDGET = RMVISOR_STOP_BUDGET, /* run.budget is used up */
	/* run.want_window: an interrupt could be delivered now */
	VISOR_STOP_INTERRUPT_WINDOW = RMVISOR_STOP_INTERRUPT_WINDOW,
};

struct visor_stop {
	rmv_u32 reason;               /* enum visor_stop_reason */
	rmv_u32 exit_reason;          /* the VMCS's, with bit 31 for a failed entry */
	rmv_u64 qualification;
	rmv_u64 guest_physical;
	rmv_u64 guest_linear;
	rmv_u32 instruction_length;
	rmv_u32 instruction_error;
	rmv_u32 intr_info;
	rmv_u32 rule;                 /* index for visor_entry_rule_text(), for a failed entry */
	/* IO */
	rmv_u16 port;
	rmv_u8 size;                  /* bytes: 1, 2, 4 */
	rmv_u8 in;                    /* 1: IN, 0: OUT */
	rmv_u8 string;                /* INS/OUTS */
	rmv_u8 rep;
	rmv_u8 backwards;             /* string: RFLAGS.DF, each element is below the one before */
	rmv_u8 reserved;
	rmv_u32 elements;             /* string: that many pass the segment's checks at once */
	rmv_u32 data;                 /* OUT: the value */
	rmv_u32 interrupt_ready;      /* 1: an entry would deliver the owner's interrupt */
	/* DEBUG: as kvm_debug_exit_arch */
	rmv_u32 debug_exception;      /* vector: 1 or 3 */
	rmv_u32 reserved2;
	rmv_u64 debug_pc, debug_dr6, debug_dr7;
	rmv_u64 budget_left;          /* of run.budget: 0 if none was given, else at least 1 */
	/* of every stop: what kvm_run shows without another command */
	rmv_u64 rflags;
	rmv_u64 apic_base;
	rmv_u32 cr8;
	rmv_u32 idt_vectoring;        /* the event that was under way, 0 if none */
};

/* What to do with the instruction that stopped the vCPU. */
enum visor_completion {
	VISOR_COMPLETE_NOTHING = 0,
	VISOR_COMPLETE_IO = 1,        /* the IO of the last stop is done: data, elements */
	VISOR_COMPLETE_PAGE_FAULT = 2, /* INS or OUTS gets #PF: fault_address, fault_error */
	VISOR_COMPLETE_PDPTES = 3,    /* of a PDPTES stop: pdptes */
	VISOR_COMPLETE_NO_PDPTES = 4, /* there is no memory */
};

/*
 * Given with RUN. The visor completes an IO stop only if RIP is still where it
 * stopped.
 */
struct visor_run_args {
	rmv_u32 completion;           /* enum visor_completion */
	rmv_u32 data;                 /* IN: the value */
	rmv_u32 elements;             /* INS, OUTS: how many are done, 1 to stop.elements */
	rmv_u32 fault_error;
	rmv_u64 fault_address;
	rmv_u64 pdptes[4];
	rmv_u32 want_window;          /* 1: stop when an interrupt could be delivered */
	rmv_u32 cr8;                  /* what the guest has in CR8 from now on: 0 to 15 */
	rmv_u64 budget;               /* TSC ticks until VISOR_STOP_BUDGET, 0: no end */
};

/* A fault in root, or why a Linux CPU left VMX by itself. */
struct visor_fault {
	rmv_u32 valid;
	rmv_u32 kind;                 /* enum visor_fault_kind */
	rmv_u32 vector;
	rmv_u32 exit_reason;
	rmv_u64 error_code;
	rmv_u64 rip, rsp, cr2;
	rmv_u64 qualification;
	rmv_u32 instruction_error;
	rmv_u32 rule;
};

enum visor_fault_kind {
	VISOR_FAULT_NONE = 0,
	VISOR_FAULT_ROOT = 1,         /* exception in root: vector, error_code, rip, cr2 */
	VISOR_FAULT_EXIT = 2,         /* exit without answer: exit_reason, qualification */
	VISOR_FAULT_ENTRY = 3,        /* failed entry: instruction_error or exit_reason, rule */
	VISOR_FAULT_VMX = 4,          /* VMREAD or VMWRITE failed while handling an exit */
	VISOR_FAULT_VMXOFF = 5,       /* VMXOFF failed */
	VISOR_FAULT_INIT = 6,         /* an INIT made this a bare CPU: rip */
};

/* SMIs of a dedicated CPU: how many, and the time of those that were measured, in TSC ticks. */
struct visor_smis {
	rmv_u64 count;
	rmv_u64 ticks;
	rmv_u64 longest;
};

/*
 * The part of a CPU's memory that Linux and root both use. Every word has one
 * writer, named here; 32-bit words are read and written whole, with acquire
 * and release order.
 */
struct visor_public {
	/* written by the visor */
	rmv_u32 state;                /* enum visor_cpu_state */
	rmv_u32 stop_sequence;        /* counts stops; changes after `stop` is complete */
	rmv_u32 own_nmis;             /* that the visor sent to this CPU and Linux gets */
	rmv_u32 smis_stay_blocked;    /* 1: as the CPU last left, VMXOFF did not unblock SMIs */
	struct visor_stop stop;
	struct visor_fault fault;
	rmv_u64 nmi_in_root;          /* NMIs that hit root while it served Linux */
	rmv_u64 nmi_injected;
	rmv_u64 machine_checks;       /* that hit root */
	rmv_u64 mtrr_writes;          /* by Linux on this CPU; each rings the doorbell */
	rmv_u64 stray_writes;         /* by Linux to the visor's memory; each got #GP */
	rmv_u64 stray_rip;            /* of the last one */
	rmv_u64 stray_physical;
	rmv_u64 smi_repairs;          /* CR0.PE and PG put back after an SMI: see rsm_guard.hpp */
	struct visor_smis guest_smis; /* while a guest ran, the work of its exits included */
	struct visor_smis halted_smis; /* while the CPU waited in root for a halted guest */
	struct visor_smis parked_smis; /* while the CPU waited in root for its owner */
	rmv_u64 polls;                /* looks for a command or an event, waiting in root */
	rmv_u64 stray_inits;          /* physical INITs that Linux has survived on this CPU */
	rmv_u32 watch_done;           /* the last watch_request that was followed */
	rmv_u32 reserved3;
	rmv_u64 launch_ticks, leave_ticks; /* the last ones, TSC ticks with interrupts off */
	rmv_u64 setup_ticks;          /* of launch_ticks: making the VMCS */
	rmv_u64 kick_ticks;           /* last kick in the guest: kick_time until it was out */
#ifdef RMVISOR_FAULT_INJECTION
	rmv_u64 nmi_in_window;        /* NMIs between the last test and the entry */
#endif
	/* written by Linux */
	rmv_u32 watch_request;        /* changes with `watch` and `ring`: see visor_watch() */
	rmv_u32 kick;                 /* stop the guest; stays until Linux clears it */
	rmv_u64 kick_time;            /* TSC when it was set while the guest ran, else 0 */
	rmv_u32 owner_polls;          /* somebody polls stop_sequence: a stop needs no doorbell */
	rmv_u32 dead;                 /* remove_cpu() has returned: the next NMI exit parks */
	rmv_u32 doorbell_vector;
	rmv_u32 doorbell_apic_id;
	rmv_u32 ept_generation;       /* changes with the guest's EPT; RUN then does INVEPT */
	rmv_u64 ept_pointer;          /* for RESET */
	rmv_u64 zero_page;            /* visor_guest_memory_zero_page(), of ept_generation */
	rmv_u64 io_bitmap;            /* for RESET: physical, bitmaps A and B; 0: all exit */
	rmv_u32 vm;                   /* for RESET: number in trace records */
	rmv_u32 vcpu_id;
	rmv_u32 apic;                 /* for RESET: enum visor_apic */
	rmv_u32 bootstrap;            /* for RESET: 1 for the VM's boot processor */
	struct visor_run_args run;    /* for RUN */
	rmv_u64 trace_tail;           /* records below it may go, also where a full ring stops */
	struct visor_watch_args watch;
	struct visor_ring_args ring;
	/* written by both in turn: Linux while command is NONE, the visor until it is so again */
	rmv_u32 command;              /* enum visor_command; the visor writes NONE when done */
	rmv_u32 command_status;       /* enum visor_status of the last command */
	rmv_u32 group;                /* for GET_STATE and SET_STATE: enum visor_group */
	union visor_group_data group_data;
#ifdef RMVISOR_FAULT_INJECTION
	struct visor_trial trial;     /* Linux arms it while the CPU is parked */
#endif
};

/* ---- visor: set-up, process context ---------------------------------- */

/* Reads this CPU's facts. Interrupts off or migration disabled. */
void visor_read_facts(struct visor_cpu_facts *facts);
/* Is the CPU good enough? 0 or the refusal's status. */
rmv_u32 visor_check_facts(const struct visor_cpu_facts *facts, struct visor_refusal *refusal);
/* Are two CPUs the same in what the visor relies on? */
rmv_u32 visor_compare_facts(const struct visor_cpu_facts *first,
			    const struct visor_cpu_facts *other, struct visor_refusal *refusal);
/* The MSRs of a real-mode guest, by number from 0; 0 after the last one. */
rmv_u32 visor_guest_msr(rmv_u32 number);
/* Can GET_STATE and SET_STATE move this group (enum visor_group)? */
rmv_u32 visor_has_group(rmv_u32 group);
/* A sentence for a status, and what to do about it ("" if nothing). Never NULL. */
const char *visor_status_text(rmv_u32 status);
const char *visor_status_cure(rmv_u32 status);
/* The VM-entry rule of a failed entry, by name. Never NULL. */
const char *visor_entry_rule_text(rmv_u32 rule);
/* SDM name of a basic exit reason. Never NULL. */
const char *visor_exit_reason_text(rmv_u32 reason);

/*
 * Builds root's page tables, Linux's EPT and the bitmaps from this CPU's facts
 * and MTRRs. Once per load; undone by visor_destroy(), which frees every page
 * (no CPU may be in VMX operation then).
 */
rmv_u32 visor_setup(const struct visor_setup_args *args, const struct visor_cpu_facts *facts);
void visor_destroy(void);
/* Pages that visor_setup() and visor_cpu_setup() took for tables. */
rmv_u64 visor_table_pages(void);

rmv_u64 visor_cpu_bytes(void);
rmv_u32 visor_cpu_setup(struct visor_cpu *cpu, const struct visor_cpu_args *args);
struct visor_public *visor_cpu_public(struct visor_cpu *cpu);
/* Linux may read it at any time, and never write it. */
const struct rmvisor_stats *visor_cpu_stats(struct visor_cpu *cpu);
/*
 * After the last visor_cpu_setup() and before the first launch: Linux, as a guest, can't write the
 * visor's memory from then on, but for each CPU's public part. A stray write gets #GP, is counted.
 */
rmv_u32 visor_protect(void);

/*
 * After Linux has changed MTRRs (visor_public.mtrr_writes): a new map of memory with the types that
 * this CPU's MTRRs give now. Then visor_use_map() on every CPU that runs Linux as a guest, then
 * visor_mtrr_retire(). Process context, one caller at a time, no CPU comes or goes meanwhile.
 */
rmv_u32 visor_mtrr_rebuild(rmv_u64 *ept_pointer);
void visor_mtrr_retire(void);

/*
 * After virt, records and generation of every CPU's visor_public.ring were changed: builds the
 * tables with which the new rings can be reached, and protects them. Then watch_request is changed,
 * and every CPU in VMX operation follows it (visor_watch(); a dedicated CPU by NMI); a CPU outside
 * follows when it is launched. After that visor_rings_retire() frees the old tables. On an error
 * the caller puts the old values back. Same rules as visor_mtrr_rebuild(), and not while that is
 * under way.
 */
rmv_u32 visor_rings_rebuild(void);
void visor_rings_retire(void);

/* ---- visor: on the CPU itself, interrupts off ------------------------- */

/* Makes the running kernel a guest on this CPU. Returns in non-root, or natively with a status. */
rmv_u32 visor_launch(struct visor_cpu *cpu, struct visor_refusal *refusal);
/* Leaves VMX operation on this CPU, or stays (VMXOFF may fail): visor_public.state tells. */
void visor_leave(struct visor_cpu *cpu);
/* Linux's map from now on, on this CPU and on those that are launched later. */
rmv_u32 visor_use_map(struct visor_cpu *cpu, rmv_u64 ept_pointer);
/* Follows visor_public.watch_request on this CPU, which runs Linux as a guest. */
rmv_u32 visor_watch(struct visor_cpu *cpu);
/* This CPU is about to be offlined for a guest: from now on its NMIs exit. */
rmv_u32 visor_prepare_take(struct visor_cpu *cpu);

/* ---- visor: guest-physical memory of a real-mode guest ---------------- */

struct visor_guest_memory;
/* Process context. NULL: no memory. */
struct visor_guest_memory *visor_guest_memory_create(void);
void visor_guest_memory_destroy(struct visor_guest_memory *memory);
/*
 * Maps one page, which is not SMRAM; the guest must be stopped. Page table pages
 * come from shim_alloc_page().
 */
rmv_u32 visor_guest_memory_map(struct visor_guest_memory *memory, rmv_u64 guest_physical,
			       rmv_u64 host_physical, rmv_u32 writable);
void visor_guest_memory_unmap(struct visor_guest_memory *memory, rmv_u64 guest_physical);
/*
 * The page to map, writable, at FEE00000h of guests that have an APIC; 0: this
 * CPU can't virtualize an xAPIC, and nothing is to be mapped.
 */
rmv_u64 visor_apic_access_page(void);
rmv_u64 visor_guest_memory_ept_pointer(const struct visor_guest_memory *memory);
/*
 * Guest-physical address below 4 GiB of a read-only page of zeros that is not the owner's: what CR3
 * names while the guest has no paging (rm_guest/rsm_guard.hpp). 0: no room was found for it.
 * Mapping a page of the owner's there moves it.
 */
rmv_u64 visor_guest_memory_zero_page(const struct visor_guest_memory *memory);

/* ---- shim: called by the visor's set-up code -------------------------- */

/* One zeroed page; NULL when there is none. *phys gets its physical address. */
void *shim_alloc_page(rmv_u64 *phys);
void shim_free_page(void *page);
/* Page of the direct map <-> physical address; for pages of shim_alloc_page() and CPU memory. */
void *shim_phys_to_virt(rmv_u64 phys);
/* Any kernel virtual address (direct map, vmalloc, module image); 0 if not mapped. */
rmv_u64 shim_virt_to_phys(rmv_u64 virt);

#ifdef __cplusplus
}
#endif
#endif /* RMVISOR_ABI_H */
