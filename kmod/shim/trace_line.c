// SPDX-License-Identifier: GPL-2.0-only
/*
 * One trace record as one line of text.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/stringify.h>

#include "../abi.h"
#include "trace_line.h"

#define NAME(table, index) ((index) < ARRAY_SIZE(table) && (table)[index] ? (table)[index] : "?")

static const char *const type_names[] = {
	[RMVISOR_TRACE_EXIT] = "EXIT",
	[RMVISOR_TRACE_ENTRY_FAILED] = "ENTRY-FAILED",
	[RMVISOR_TRACE_LAUNCH] = "LAUNCH",
	[RMVISOR_TRACE_LEAVE] = "LEAVE",
	[RMVISOR_TRACE_PARK] = "PARK",
	[RMVISOR_TRACE_RUN] = "RUN",
	[RMVISOR_TRACE_STOP] = "STOP",
	[RMVISOR_TRACE_NMI] = "NMI-IN-ROOT",
	[RMVISOR_TRACE_LOST] = "LOST",
	[RMVISOR_TRACE_INIT] = "INIT",
	[RMVISOR_TRACE_SIPI] = "SIPI",
	[RMVISOR_TRACE_SMI] = "SMI",
	[RMVISOR_TRACE_TAKE] = "TAKE",
	[RMVISOR_TRACE_GIVE_BACK] = "GIVE-BACK",
	[RMVISOR_TRACE_FAULT] = "FAULT",
};

static const char *const action_names[] = {
	[RMVISOR_ACTION_NONE] = "-",
	[RMVISOR_ACTION_RESUME] = "resume",
	[RMVISOR_ACTION_SKIP] = "skip",
	[RMVISOR_ACTION_INJECT] = "inject",
	[RMVISOR_ACTION_USER] = "user",
	[RMVISOR_ACTION_LEAVE] = "leave",
	[RMVISOR_ACTION_PARK] = "park",
};

static const char *const stop_names[] = {
	[RMVISOR_STOP_NONE] = "none",
	[RMVISOR_STOP_IO] = "io",
	[RMVISOR_STOP_HLT] = "hlt",
	[RMVISOR_STOP_SHUTDOWN] = "shutdown",
	[RMVISOR_STOP_ENTRY_FAILED] = "entry-failed",
	[RMVISOR_STOP_KICK] = "kick",
	[RMVISOR_STOP_MEMORY] = "memory",
	[RMVISOR_STOP_UNHANDLED] = "unhandled",
	[RMVISOR_STOP_VMX_ERROR] = "vmx-error",
	[RMVISOR_STOP_INTERRUPT_WINDOW] = "interrupt-window",
	[RMVISOR_STOP_BUDGET] = "budget",
	[RMVISOR_STOP_DEBUG] = "debug",
	[RMVISOR_STOP_PDPTES] = "pdptes",
	[RMVISOR_STOP_INIT_STORM] = "INIT storm",
};

const char *trace_line_header(void)
{
	return "# rmvisor trace version " __stringify(RMVISOR_TRACE_VERSION)
	       "; tsc and ticks in TSC ticks\n"
	       "# cpu guest                tsc event                      base:rip        qualification len    ticks action\n";
}

/* What does not fit is cut off. */
static __printf(2, 3) void add(struct trace_line *line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	line->length += vscnprintf(line->text + line->length, sizeof(line->text) - line->length,
				   format, arguments);
	va_end(arguments);
}

static void print_guest(struct trace_line *line, const struct rmvisor_trace_record *record)
{
	char name[16] = "linux";

	if (record->vm)
		scnprintf(name, sizeof(name), "vm%u/%u", record->vm, record->vcpu);
	add(line, "%5u %-8s", record->cpu, name);
}

static const char *event_name(const struct rmvisor_trace_record *record)
{
	if (record->type == RMVISOR_TRACE_EXIT)
		return visor_exit_reason_text(record->reason);
	return NAME(type_names, record->type);
}

/* What only some events have, as name=value. */
static void print_details(struct trace_line *line, const struct rmvisor_trace_record *record)
{
	if (record->type == RMVISOR_TRACE_STOP)
		add(line, " why=%s", NAME(stop_names, record->qualification));
	if (record->type == RMVISOR_TRACE_FAULT)
		add(line, " vector=%u", record->reason);
	if (record->intr_info)
		add(line, " intr=%#x", record->intr_info);
	if (record->flags & RMVISOR_TRACE_F_ERROR_CODE)
		add(line, " error=%#x", record->error_code);
	if (record->flags & RMVISOR_TRACE_F_STRING)
		add(line, " count=%#x info=%#x", record->count, record->insn_info);
	if (record->flags & RMVISOR_TRACE_F_PHYSICAL)
		add(line, " physical=%#llx", record->guest_physical);
	if (record->flags & RMVISOR_TRACE_F_LINEAR)
		add(line, " linear=%#llx", record->linear_address);
	if (record->flags & RMVISOR_TRACE_F_REGS)
		add(line, " ax=%#x cx=%#x dx=%#x", record->rax, record->rcx, record->rdx);
}

void trace_line_format(struct trace_line *line, const struct rmvisor_trace_record *record)
{
	line->length = 0;
	print_guest(line, record);
	if (record->type == RMVISOR_TRACE_LOST) {
		add(line, " %16llu LOST %llu records are missing here\n",
			   record->tsc, record->qualification);
		return;
	}
	add(line, " %16llu %-26s %8x:%-16llx %12llx %3u %8u %s", record->tsc,
		   event_name(record), record->cs_base, record->rip, record->qualification,
		   record->insn_length, record->root_ticks, NAME(action_names, record->action));
	print_details(line, record);
	add(line, "\n");
}
