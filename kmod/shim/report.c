// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a status of the visor to an errno and a line in the kernel log.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>

#include "report.h"

static const int status_errno[VISOR_STATUS_COUNT] = {
	[VISOR_OK] = 0,
	[VISOR_NO_VMX] = -ENODEV,
	[VISOR_FEATURE_CONTROL_OFF] = -EOPNOTSUPP,
	[VISOR_VMX_IN_USE] = -EBUSY,
	[VISOR_NO_TRUE_CONTROLS] = -ENODEV,
	[VISOR_NO_SECONDARY_CONTROLS] = -ENODEV,
	[VISOR_NO_EPT] = -ENODEV,
	[VISOR_NO_EPT_FEATURE] = -ENODEV,
	[VISOR_NO_VPID] = -ENODEV,
	[VISOR_NO_UNRESTRICTED_GUEST] = -ENODEV,
	[VISOR_NO_PREEMPTION_TIMER] = -ENODEV,
	[VISOR_NO_NMI_CONTROLS] = -ENODEV,
	[VISOR_NO_CONTROL] = -ENODEV,
	[VISOR_UNKNOWN_CR4] = -EOPNOTSUPP,
	[VISOR_FRED_IN_USE] = -EOPNOTSUPP,
	[VISOR_SHADOW_STACK_IN_USE] = -EOPNOTSUPP,
	[VISOR_CPUS_DIFFER] = -EOPNOTSUPP,
	[VISOR_NO_MEMORY] = -ENOMEM,
	[VISOR_BAD_ARGUMENT] = -EINVAL,
	[VISOR_VMXON_FAILED] = -EIO,
	[VISOR_VMCS_FAILED] = -EIO,
	[VISOR_ENTRY_FAILED] = -EIO,
	[VISOR_WRONG_STATE] = -EBUSY,
	[VISOR_UNSUPPORTED] = -EINVAL,
	[VISOR_VMXOFF_FAILED] = -EBUSY,
};

int report_errno(rmv_u32 status)
{
	if (status >= ARRAY_SIZE(status_errno))
		return -EIO;
	return status_errno[status];
}

/* "; " before a cure, nothing where there is none. */
static const char *cure_separator(const char *cure)
{
	return *cure ? "; " : "";
}

int report_refusal(unsigned int cpu, const struct visor_refusal *refusal)
{
	const char *cure = visor_status_cure(refusal->status);
	char detail[40] = "", rule[160] = "";

	if (refusal->detail)
		scnprintf(detail, sizeof(detail), " (detail %#llx)", refusal->detail);
	if (refusal->status == VISOR_ENTRY_FAILED)
		scnprintf(rule, sizeof(rule), "; broken rule: %s",
			  visor_entry_rule_text(refusal->rule));
	pr_err("CPU %u: %s%s%s%s%s\n", cpu, visor_status_text(refusal->status), detail, rule,
	       cure_separator(cure), cure);
	return report_errno(refusal->status);
}

int report_failure(const char *what, rmv_u32 status)
{
	const char *cure = visor_status_cure(status);

	pr_err("%s failed: %s%s%s\n", what, visor_status_text(status), cure_separator(cure), cure);
	return report_errno(status);
}
