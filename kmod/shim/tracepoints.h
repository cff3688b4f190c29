/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exit trace as events of ftrace and perf, called by trace_drain.c. Their
 * time stamp is the drain's; tsc is that of the exit, cpu the one it was on.
 *
 * The kernel's macros read this file several times, therefore no #pragma once.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rmvisor

#if !defined(RMVISOR_TRACEPOINTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define RMVISOR_TRACEPOINTS_H

#include <linux/rmvisor.h>
#include <linux/tracepoint.h>
#include <asm/vmx.h>

#include "trace_drain.h"

/* Names that programs find in the events' format files. */
#define RMVISOR_TRACE_TYPES(first, last) \
	first(RMVISOR_TRACE_ENTRY_FAILED, "entry_failed") \
	first(RMVISOR_TRACE_LAUNCH, "launch") \
	first(RMVISOR_TRACE_LEAVE, "leave") \
	first(RMVISOR_TRACE_PARK, "park") \
	first(RMVISOR_TRACE_RUN, "run") \
	first(RMVISOR_TRACE_STOP, "stop") \
	first(RMVISOR_TRACE_NMI, "nmi") \
	first(RMVISOR_TRACE_LOST, "lost") \
	first(RMVISOR_TRACE_INIT, "init") \
	first(RMVISOR_TRACE_SIPI, "sipi") \
	first(RMVISOR_TRACE_SMI, "smi") \
	first(RMVISOR_TRACE_TAKE, "take") \
	first(RMVISOR_TRACE_GIVE_BACK, "give_back") \
	last(RMVISOR_TRACE_FAULT, "fault")

#define RMVISOR_TRACE_ACTIONS(first, last) \
	first(RMVISOR_ACTION_NONE, "none") \
	first(RMVISOR_ACTION_RESUME, "resume") \
	first(RMVISOR_ACTION_SKIP, "skip") \
	first(RMVISOR_ACTION_INJECT, "inject") \
	first(RMVISOR_ACTION_USER, "user") \
	first(RMVISOR_ACTION_LEAVE, "leave") \
	last(RMVISOR_ACTION_PARK, "park")

#define RMVISOR_ENUM(value, name) TRACE_DEFINE_ENUM(value);
RMVISOR_TRACE_TYPES(RMVISOR_ENUM, RMVISOR_ENUM)
RMVISOR_TRACE_ACTIONS(RMVISOR_ENUM, RMVISOR_ENUM)
#undef RMVISOR_ENUM

#define RMVISOR_NAME(value, name) { value, name },
#define RMVISOR_LAST_NAME(value, name) { value, name }

/* A VM exit. Reasons have the names that they have in KVM's event kvm_exit. */
TRACE_EVENT_FN(rmvisor_exit,
	TP_PROTO(const struct rmvisor_trace_record *record),
	TP_ARGS(record),
	TP_STRUCT__entry(
		__field(u64, tsc)
		__field(u64, rip)
		__field(u64, qualification)
		__field(u32, cs_base)
		__field(u32, intr_info)
		__field(u32, ticks)
		__field(u16, cpu)
		__field(u16, vm)
		__field(u16, vcpu)
		__field(u16, reason)
		__field(u8, action)
	),
	TP_fast_assign(
		__entry->tsc = record->tsc;
		__entry->rip = record->rip;
		__entry->qualification = record->qualification;
		__entry->cs_base = record->cs_base;
		__entry->intr_info = record->intr_info;
		__entry->ticks = record->root_ticks;
		__entry->cpu = record->cpu;
		__entry->vm = record->vm;
		__entry->vcpu = record->vcpu;
		__entry->reason = record->reason;
		__entry->action = record->action;
	),
	TP_printk("tsc=%llu cpu=%u vm=%u vcpu=%u reason=%s rip=%x:%llx qualification=%llx intr_info=%x ticks=%u action=%s",
		  __entry->tsc, __entry->cpu, __entry->vm, __entry->vcpu,
		  __print_symbolic(__entry->reason, VMX_EXIT_REASONS), __entry->cs_base,
		  __entry->rip, __entry->qualification, __entry->intr_info, __entry->ticks,
		  __print_symbolic(__entry->action,
				   RMVISOR_TRACE_ACTIONS(RMVISOR_NAME, RMVISOR_LAST_NAME))),
	trace_drain_wanted, trace_drain_unwanted);

/* What happens beside exits, and how many records are missing. */
TRACE_EVENT_FN(rmvisor_event,
	TP_PROTO(const struct rmvisor_trace_record *record),
	TP_ARGS(record),
	TP_STRUCT__entry(
		__field(u64, tsc)
		__field(u64, qualification)
		__field(u32, ticks)
		__field(u16, cpu)
		__field(u16, vm)
		__field(u16, vcpu)
		__field(u8, type)
	),
	TP_fast_assign(
		__entry->tsc = record->tsc;
		__entry->qualification = record->qualification;
		__entry->ticks = record->root_ticks;
		__entry->cpu = record->cpu;
		__entry->vm = record->vm;
		__entry->vcpu = record->vcpu;
		__entry->type = record->type;
	),
	TP_printk("tsc=%llu cpu=%u vm=%u vcpu=%u type=%s qualification=%llx ticks=%u",
		  __entry->tsc, __entry->cpu, __entry->vm, __entry->vcpu,
		  __print_symbolic(__entry->type,
				   RMVISOR_TRACE_TYPES(RMVISOR_NAME, RMVISOR_LAST_NAME)),
		  __entry->qualification, __entry->ticks),
	trace_drain_wanted, trace_drain_unwanted);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH shim
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE tracepoints
#include <trace/define_trace.h>
