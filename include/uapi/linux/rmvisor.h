/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The user/kernel ABI of rmvisor: what /dev/rmvisor adds to KVM's API, and the
 * binary format of the exit trace.
 *
 * /dev/rmvisor speaks KVM's API (numbers, structs and meaning from
 * <linux/kvm.h>); this header holds only what KVM has not. Everything here is
 * little-endian, naturally aligned, and the same for 32- and 64-bit callers.
 */
#ifndef _UAPI_LINUX_RMVISOR_H
#define _UAPI_LINUX_RMVISOR_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define RMVISOR_DEVICE_NAME "rmvisor"

/* ioctl type of rmvisor's own calls; KVM's are of type KVMIO (0xAE). */
#define RMVISOR_IO 0xBC

/*
 * KVM_CHECK_EXTENSION number that answers RMVISOR_ABI_VERSION on /dev/rmvisor
 * and 0 on /dev/kvm: how a program finds out which of the two it has opened.
 */
#define RMVISOR_CAP_ABI 0x524d5601
#define RMVISOR_ABI_VERSION 1

/*
 * Value of rmvisor_vcpu_cpu.cpu before a choice: rmvisor picks one that is online and not isolated
 * (isolcpus=).
 */
#define RMVISOR_CPU_ANY 0xffffffffu

/**
 * struct rmvisor_vcpu_cpu - which CPU of the machine a vCPU gets
 * @vcpu_id:  the id that KVM_CREATE_VCPU will be called with
 * @cpu:      Linux's number of the CPU, or RMVISOR_CPU_ANY (the default)
 * @reserved: must be zero
 *
 * RMVISOR_SET_VCPU_CPU, on a VM fd, before KVM_CREATE_VCPU of that id. The CPU
 * is taken from Linux by KVM_CREATE_VCPU and given back when the vCPU's last
 * reference is closed, however its owner ends.
 *
 * Errors: EINVAL (no such CPU, the boot CPU, a reserved field set), EEXIST (the
 * vCPU exists). KVM_CREATE_VCPU itself then answers EBUSY (the CPU is taken
 * already, or Linux will not let go of it) or ENODEV (the CPU is offline, or
 * no CPU is left that could be taken; isolated ones are taken by number alone).
 */
struct rmvisor_vcpu_cpu {
	__u32 vcpu_id;
	__u32 cpu;
	__u32 reserved[2];
};

/**
 * struct rmvisor_vcpu_info - what is known of a vCPU
 * @cpu:       Linux's number of the dedicated CPU
 * @vm_id:     the number that trace records of this VM carry; never 0
 * @exits:     VM exits of this vCPU since it was created
 * @user_exits: of these, the ones that made KVM_RUN return or sleep
 * @smi_repairs: times that an SMI's RSM came back with the wrong CR0, which was put back
 * @smis:      SMIs while its guest ran or was halted, as far as they could be seen
 *             (docs/smi-and-init.md)
 * @smi_ticks: TSC ticks that those of them took which were measured
 * @reserved:  zero
 *
 * RMVISOR_GET_VCPU_INFO, on a vCPU fd.
 */
struct rmvisor_vcpu_info {
	__u32 cpu;
	__u32 vm_id;
	__u64 exits;
	__u64 user_exits;
	__u64 smi_repairs;
	__u64 smis;
	__u64 smi_ticks;
	__u64 reserved[2];
};

/**
 * struct rmvisor_budget - how long one KVM_RUN may take
 * @ticks:    TSC ticks from the first entry of a KVM_RUN to its end, 0 (the default): no end
 * @reserved: must be zero
 *
 * RMVISOR_SET_BUDGET, on a vCPU fd; holds for every KVM_RUN from then on. A guest that is still
 * running then stops, whatever it does: KVM_RUN returns 0 with exit reason RMVISOR_EXIT_BUDGET and
 * the guest between two instructions; the next KVM_RUN goes on with a new budget. Time in SMM
 * counts.
 *
 * Errors: EINVAL (a reserved field set).
 */
struct rmvisor_budget {
	__u64 ticks;
	__u64 reserved[3];
};

#define RMVISOR_NAME_BYTES 80

/**
 * struct rmvisor_name - what people call a VM
 * @name: 1 to 79 characters of ASCII 21h to 7Eh, then zeros to the end
 *
 * RMVISOR_SET_NAME, on a VM fd, at any time, any number of times. debugfs rmvisor/status shows it
 * beside the number that trace records carry. Names need not be different.
 *
 * Errors: EINVAL (no name, another character, no zero or something behind it).
 */
struct rmvisor_name {
	char name[RMVISOR_NAME_BYTES];
};

/* rmvisor_ports.flags: also ports that Linux, or another VM, has in use */
#define RMVISOR_PORTS_SHARED (1u << 0)

/**
 * struct rmvisor_ports - ports of the machine that a VM reaches by itself
 * @first:    the first port
 * @count:    how many
 * @flags:    RMVISOR_PORTS_*
 * @reserved: must be zero
 *
 * RMVISOR_PASS_PORTS, on a VM fd, before the first KVM_CREATE_VCPU, at most RMVISOR_PORT_RANGES
 * times; for as long as the VM is there. Accesses to these ports alone are done by the CPU and are
 * no exits; one that goes beyond them is an exit as a whole. The ports are the VM's in
 * /proc/ioports, except for those that somebody else has there.
 *
 * Errors: EPERM (without CAP_SYS_RAWIO), EINVAL (no ports, ports beyond FFFFh, an unknown flag, a
 * reserved field set), EBUSY (somebody has one of the ports, see /proc/ioports, and
 * RMVISOR_PORTS_SHARED is not set), EEXIST (the VM has a vCPU), ENOSPC (too many ranges), ENOMEM.
 */
struct rmvisor_ports {
	__u32 first;
	__u32 count;
	__u32 flags;
	__u32 reserved;
};
#define RMVISOR_PORT_RANGES 16

/* kvm_run.exit_reason, beside KVM's */
#define RMVISOR_EXIT_BUDGET 0x524d5601u

/*
 * kvm_run.exit_reason: INIT signals of the machine reached the CPU one after the other, and the
 * guest came no further. Closing the vCPU gives the CPU back, where an INIT does what it is for.
 */
#define RMVISOR_EXIT_INIT_STORM 0x524d5602u

/*
 * kvm_run.exit_reason: the CPU has not answered for some seconds, not even an NMI, as when an SMI
 * handler does not return. kvm_run.internal.data[0] is the CPU, [1] the basic exit reason of its
 * last exit or RMVISOR_NO_EXIT. The vCPU is of no more use (KVM_RUN: EIO); closing it gives the CPU
 * back as soon as it answers.
 */
#define RMVISOR_EXIT_CPU_SILENT 0x524d5603u
#define RMVISOR_NO_EXIT (~0ull)

#define RMVISOR_SET_VCPU_CPU _IOW(RMVISOR_IO, 0x00, struct rmvisor_vcpu_cpu)
#define RMVISOR_GET_VCPU_INFO _IOR(RMVISOR_IO, 0x01, struct rmvisor_vcpu_info)
#define RMVISOR_SET_BUDGET _IOW(RMVISOR_IO, 0x02, struct rmvisor_budget)
#define RMVISOR_SET_NAME _IOW(RMVISOR_IO, 0x03, struct rmvisor_name)
#define RMVISOR_PASS_PORTS _IOW(RMVISOR_IO, 0x04, struct rmvisor_ports)

/*
 * The exit trace. Each CPU has a ring of records; record i lies in slot
 * i % rmvisor_trace_map.records. debugfs rmvisor/per_cpu/cpuN/trace_raw gives
 * them by read(2), oldest first, whole records only, or by mmap(2), see struct
 * rmvisor_trace_map. debugfs rmvisor/trace and trace_pipe show the same as text,
 * all CPUs merged by time.
 */
#define RMVISOR_TRACE_VERSION 2

/*
 * rmvisor_trace_record.type. What is not mentioned is 0. The qualification of ENTRY_FAILED is a
 * VM-instruction error or, with bit 31, the exit reason; of STOP an enum rmvisor_stop_reason; of
 * NMI bit 0 for an NMI, bit 1 for #MC; of FAULT the error code. LOST records were overwritten, or
 * the ring was full. root_ticks of LAUNCH are how long it took, of SMI the ticks gone.
 */
enum rmvisor_trace_type {
	RMVISOR_TRACE_EXIT = 1,         /* a VM exit; reason is the basic exit reason */
	RMVISOR_TRACE_ENTRY_FAILED = 2, /* a VM entry that failed */
	RMVISOR_TRACE_LAUNCH = 3,       /* this CPU's Linux became a guest */
	RMVISOR_TRACE_LEAVE = 4,        /* this CPU left VMX operation */
	RMVISOR_TRACE_PARK = 5,         /* taken from Linux, waits in root */
	RMVISOR_TRACE_RUN = 6,          /* a real-mode guest is entered on its owner's word */
	RMVISOR_TRACE_STOP = 7,         /* a real-mode guest stopped; qualification: why */
	RMVISOR_TRACE_NMI = 8,          /* NMI or #MC hit root, and was handed to Linux */
	RMVISOR_TRACE_LOST = 9,         /* records are missing here; qualification: how many */
	RMVISOR_TRACE_INIT = 10,        /* INIT; qualification: 0 a physical one, 1 between vCPUs */
	RMVISOR_TRACE_SIPI = 11,        /* start-up IPI between vCPUs; qualification: its vector */
	RMVISOR_TRACE_SMI = 12,         /* SMIs since the last entry; qualification: how many */
	RMVISOR_TRACE_TAKE = 13,        /* Linux begins to offline this CPU for a guest */
	RMVISOR_TRACE_GIVE_BACK = 14,   /* a taken CPU goes back into Linux's dead loop */
	RMVISOR_TRACE_FAULT = 15,       /* exception in root; reason: vector, rip: root's */
};

/*
 * Why a real-mode guest stopped (rmvisor_trace_record.qualification of
 * RMVISOR_TRACE_STOP).
 */
enum rmvisor_stop_reason {
	RMVISOR_STOP_NONE = 0,
	RMVISOR_STOP_IO = 1,           /* IN, OUT, INS or OUTS for its owner */
	RMVISOR_STOP_HLT = 2,
	RMVISOR_STOP_SHUTDOWN = 3,     /* triple fault */
	RMVISOR_STOP_ENTRY_FAILED = 4, /* VM entry failed */
	RMVISOR_STOP_KICK = 5,         /* its owner asked for it */
	RMVISOR_STOP_MEMORY = 6,       /* access outside its memory */
	RMVISOR_STOP_UNHANDLED = 7,    /* an exit that the visor has no answer to */
	RMVISOR_STOP_VMX_ERROR = 8,    /* a VMX instruction failed */
	RMVISOR_STOP_INTERRUPT_WINDOW = 9, /* its owner wants to inject an interrupt, and can */
	RMVISOR_STOP_BUDGET = 10,      /* the time that its owner gave is over */
	RMVISOR_STOP_PDPTES = 11,      /* for the module: PAE entries from guest memory */
	RMVISOR_STOP_INIT_STORM = 12,  /* physical INITs in a row without progress */
	RMVISOR_STOP_DEBUG = 13,       /* a step or breakpoint of its owner's */
};

/* rmvisor_trace_record.action: what the visor did about an exit */
enum rmvisor_trace_action {
	RMVISOR_ACTION_NONE = 0,
	RMVISOR_ACTION_RESUME = 1,   /* entered again at the same instruction */
	RMVISOR_ACTION_SKIP = 2,     /* done for the guest; RIP moved past the instruction */
	RMVISOR_ACTION_INJECT = 3,   /* an event was injected */
	RMVISOR_ACTION_USER = 4,     /* handed to the real-mode guest's owner */
	RMVISOR_ACTION_LEAVE = 5,    /* the CPU left VMX operation */
	RMVISOR_ACTION_PARK = 6,     /* the CPU stays in root and waits */
};

/* rmvisor_trace_record.flags */
#define RMVISOR_TRACE_F_LINEAR (1u << 0)  /* linear_address is valid */
#define RMVISOR_TRACE_F_PHYSICAL (1u << 1) /* guest_physical is valid */
#define RMVISOR_TRACE_F_REGS (1u << 2)    /* rax, rcx, rdx are valid */
#define RMVISOR_TRACE_F_CODE32 (1u << 3)  /* CS.D: 32-bit code */
#define RMVISOR_TRACE_F_CODE64 (1u << 4)  /* CS.L in IA-32e mode: 64-bit code */
#define RMVISOR_TRACE_F_STRING (1u << 5)  /* string I/O: count and insn_info are valid */
#define RMVISOR_TRACE_F_ERROR_CODE (1u << 6) /* error_code, of intr_info's event, is valid */
#define RMVISOR_TRACE_F_PROTECTED (1u << 7) /* CR0.PE: CS is no real-mode segment */

/**
 * struct rmvisor_trace_record - one event of one CPU
 * @tsc:           time stamp counter of the CPU at the start of the event
 * @root_ticks:    TSC ticks from the exit to the next entry, saturated
 * @cpu:           Linux's number of the CPU
 * @vm:            0 for Linux, else the VM's number (rmvisor_vcpu_info.vm_id)
 * @vcpu:          vCPU id in that VM
 * @reason:        basic exit reason (SDM: Basic VM-Exit Information)
 * @type:          enum rmvisor_trace_type
 * @action:        enum rmvisor_trace_action
 * @flags:         RMVISOR_TRACE_F_*
 * @insn_length:   VM-exit instruction length in bytes; 0 where it has no meaning
 * @cs_base:       base of CS; bits 63:32 are always 0 (SDM: Checks on Guest
 *                 Segment Registers)
 * @rip:           RIP at the exit
 * @intr_info:     VM-exit interruption information, 0 when not valid
 * @qualification: exit qualification
 * @guest_physical, @linear_address: for EPT violations (F_PHYSICAL, F_LINEAR)
 * @count, @insn_info, @linear_address: for string I/O (F_STRING, F_LINEAR): low
 *                 32 bits of RCX, VM-exit instruction information, and the
 *                 address of the operand
 * @rax, @rcx, @rdx: low 32 bits, for the other exits (F_REGS: I/O, MSR, CPUID,
 *                 VMCALL)
 * @error_code:    for exceptions that have one (F_ERROR_CODE)
 *
 * 64 bytes. Version RMVISOR_TRACE_VERSION; a change that an old reader would
 * get wrong changes the version. New types, actions and stop reasons do not.
 */
struct rmvisor_trace_record {
	__u64 tsc;
	__u32 root_ticks;
	__u16 cpu;
	__u16 vm;
	__u16 vcpu;
	__u16 reason;
	__u8 type;
	__u8 action;
	__u8 flags;
	__u8 insn_length;
	__u64 rip;
	__u32 cs_base;
	__u32 intr_info;
	__u64 qualification;
	union {
		struct {
			union {
				__u64 guest_physical;
				struct {
					__u32 count;
					__u32 insn_info;
				};
			};
			__u64 linear_address;
		};
		struct {
			__u32 rax;
			__u32 rcx;
			__u32 rdx;
			__u32 error_code;
		};
	};
};

/**
 * struct rmvisor_trace_map - the first page of a mapping of trace_raw
 * @version:      RMVISOR_TRACE_VERSION
 * @record_bytes: sizeof(struct rmvisor_trace_record)
 * @data_offset:  where slot 0 is, in bytes from the beginning of the mapping
 * @records:      slots, a power of two; the mapping is data_offset +
 *                records * record_bytes long
 * @cpu:          Linux's number of the CPU
 * @tsc_khz:      TSC ticks per millisecond
 * @retired:      not 0: the ring was replaced (buffer_size_kb was written).
 *                Nothing is added any more; map anew
 * @first:        index of the first record that was written to this ring
 * @head:         index of the record that is written next; records below it
 *                are complete
 * @dropped:      records that found the ring full (overwrite is 0)
 *
 * mmap(2) of trace_raw, PROT_READ only, offset 0; the length may be less than
 * the whole (one page is enough to learn the size). Written by the hypervisor,
 * read-only for everybody else.
 *
 * To read record i: load head with acquire order, i must be below it and not
 * below first; copy slot i % records; load head again. The copy is whole if
 * head < i + records; else the slot was, or is being, overwritten, and
 * the record is lost. No lock, no system call.
 */
struct rmvisor_trace_map {
	__u32 version;
	__u32 record_bytes;
	__u32 data_offset;
	__u32 records;
	__u32 cpu;
	__u32 tsc_khz;
	__u32 retired;
	__u32 reserved;
	__u64 first;
	__u64 head;
	__u64 dropped;
};

/*
 * Statistics. debugfs rmvisor/per_cpu/cpuN/stats_raw gives one struct
 * rmvisor_stats by read(2); rmvisor/stats shows the same as text.
 */
#define RMVISOR_STATS_VERSION 1
#define RMVISOR_STATS_REASONS 80
#define RMVISOR_STATS_BUCKETS 16

/**
 * struct rmvisor_stats_entry - exits of one reason on one CPU
 * @count:     exits, always counted
 * @ticks:     TSC ticks that they took in root, while stats_on was 1
 * @histogram: of these ticks: bucket 0 has the exits below 64 ticks, bucket
 *             b those from 64 << (b - 1) to below 64 << b, the last one all
 *             that took longer
 */
struct rmvisor_stats_entry {
	__u64 count;
	__u64 ticks;
	__u64 histogram[RMVISOR_STATS_BUCKETS];
};

/**
 * struct rmvisor_stats - exits of one CPU by basic exit reason
 * @version, @reasons, @buckets: RMVISOR_STATS_*
 * @cpu:          Linux's number of the CPU
 * @linux_exits:  of Linux
 * @guest_exits:  of real-mode guests
 */
struct rmvisor_stats {
	__u32 version;
	__u32 reasons;
	__u32 buckets;
	__u32 cpu;
	struct rmvisor_stats_entry linux_exits[RMVISOR_STATS_REASONS];
	struct rmvisor_stats_entry guest_exits[RMVISOR_STATS_REASONS];
};

#endif /* _UAPI_LINUX_RMVISOR_H */
