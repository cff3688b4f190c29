/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

struct rm_vcpu;

/*
 * A stop at a register of the local APIC that the CPU does not read for its
 * guest (SDM: Virtualizing Reads from the APIC-Access Page): the current count,
 * the PPR. 1: the load is done, run on. 0: another stop or instruction, for user
 * space. Else an error of KVM_RUN.
 */
int apic_read_service(struct rm_vcpu *vcpu);
