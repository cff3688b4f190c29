// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the machine says of its system-management mode. rmguest doctor explains
 * it; here are the bare facts, of the CPU that asks. Every MSR is read so that
 * one which isn't there does no harm.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/acpi.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <asm/msr.h>
#include <asm/processor.h>

#include "smm.h"

#define VMX_BASIC_DUAL_MONITOR BIT_ULL(49)
#define SMM_MONITOR_CTL_VALID BIT_ULL(0)
#define MTRR_CAP_SMRR BIT_ULL(11)
#define MSR_SMRR_PHYSBASE 0x1f2
#define MSR_SMRR_PHYSMASK 0x1f3
#define PCI_DEVICE_PIIX4_PM 0x7113
#define PIIX4_GLBCTL 0x28
#define ICH_SMI_EN 0x30

struct smm_facts {
	u64 vmx_basic, monitor_ctl, feature_control, smrr_base, smrr_mask;
	const char *chipset;	/* NULL: not one whose registers are known here */
	u32 smi_enable_port;
	u32 smi_enable;
};

static u64 read_msr(u32 msr)
{
	u64 value;

	return rdmsrl_safe(msr, &value) ? 0 : value;
}

static void read_cpu(struct smm_facts *facts)
{
	facts->vmx_basic = read_msr(MSR_IA32_VMX_BASIC);
	facts->feature_control = read_msr(MSR_IA32_FEAT_CTL);
	/* Each exists only where the bit before it says so. */
	if (facts->vmx_basic & VMX_BASIC_DUAL_MONITOR)
		facts->monitor_ctl = read_msr(MSR_IA32_SMM_MONITOR_CTL);
	if (read_msr(MSR_MTRRcap) & MTRR_CAP_SMRR) {
		facts->smrr_base = read_msr(MSR_SMRR_PHYSBASE);
		facts->smrr_mask = read_msr(MSR_SMRR_PHYSMASK);
	}
}

static bool is_ich(void)
{
	struct pci_dev *bridge = pci_get_domain_bus_and_slot(0, 0, PCI_DEVFN(0x1f, 0));
	bool ich = bridge && bridge->vendor == PCI_VENDOR_ID_INTEL &&
		   bridge->class >> 8 == PCI_CLASS_BRIDGE_ISA;

	pci_dev_put(bridge);
	return ich;
}

static bool is_piix4(void)
{
	struct pci_dev *device = pci_get_device(PCI_VENDOR_ID_INTEL, PCI_DEVICE_PIIX4_PM, NULL);

	pci_dev_put(device);
	return device;
}

/* Both chipsets have the PM1a event block at the start of their power-management block. */
static void read_chipset(struct smm_facts *facts)
{
	u32 base = acpi_gbl_FADT.pm1a_event_block;

	if (!base)
		return;
	if (is_piix4()) {
		facts->chipset = "PIIX4";
		facts->smi_enable_port = base + PIIX4_GLBCTL;
	} else if (is_ich()) {
		facts->chipset = "ICH";
		facts->smi_enable_port = base + ICH_SMI_EN;
	} else {
		return;
	}
	facts->smi_enable = inl(facts->smi_enable_port);
}

static void read_facts(struct smm_facts *facts)
{
	*facts = (struct smm_facts){ };
	preempt_disable();
	read_cpu(facts);
	preempt_enable();
	read_chipset(facts);
}

static const char *dual_monitor_text(const struct smm_facts *facts)
{
	if (!(facts->vmx_basic & VMX_BASIC_DUAL_MONITOR))
		return "not possible";
	return facts->monitor_ctl & SMM_MONITOR_CTL_VALID ? "installed" : "possible";
}

void smm_log(void)
{
	struct smm_facts facts;
	char chipset[64] = "unknown chipset";

	read_facts(&facts);
	if (facts.chipset)
		scnprintf(chipset, sizeof(chipset), "%s SMI enable %#x", facts.chipset,
			  facts.smi_enable);
	pr_info("SMM: dual monitor %s (SMM_MONITOR_CTL %#llx), SMRR %#llx/%#llx, FEATURE_CONTROL %#llx, SMI command port %#x (ACPI on %#x), %s; rmguest doctor explains\n",
		dual_monitor_text(&facts), facts.monitor_ctl, facts.smrr_base, facts.smrr_mask,
		facts.feature_control, acpi_gbl_FADT.smi_command, acpi_gbl_FADT.acpi_enable,
		chipset);
}

int smm_file_show(struct seq_file *file, void *unused)
{
	struct smm_facts facts;

	read_facts(&facts);
	seq_printf(file, "dual_monitor %s\nsmm_monitor_ctl %#llx\nsmrr_base %#llx\nsmrr_mask %#llx\nfeature_control %#llx\n",
		   dual_monitor_text(&facts), facts.monitor_ctl, facts.smrr_base, facts.smrr_mask,
		   facts.feature_control);
	seq_printf(file, "smi_command_port %#x\nacpi_enable %#x\nacpi_disable %#x\n",
		   acpi_gbl_FADT.smi_command, acpi_gbl_FADT.acpi_enable,
		   acpi_gbl_FADT.acpi_disable);
	if (facts.chipset)
		seq_printf(file, "chipset %s\nsmi_enable_port %#x\nsmi_enable %#x\n", facts.chipset,
			   facts.smi_enable_port, facts.smi_enable);
	return 0;
}

bool smm_has_smi_count(void)
{
	/* Emulators answer 0 for what they don't have; no real machine boots without an SMI. */
	return boot_cpu_data.x86_vendor == X86_VENDOR_INTEL && boot_cpu_data.x86 == 6 &&
	       (u32)read_msr(MSR_SMI_COUNT) != 0;
}

bool smm_read_smi_count(unsigned int cpu, u32 *count)
{
	u32 high;

	return smm_has_smi_count() && cpu_online(cpu) &&
	       !rdmsr_safe_on_cpu(cpu, MSR_SMI_COUNT, count, &high);
}
