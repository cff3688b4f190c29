/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stops that need guest memory, which root never touches: the data of INS and
 * OUTS, the four entries that PAE paging starts with, and an instruction that
 * reads the local APIC.
 */
#pragma once

#include "../abi.h"

struct rm_vcpu;

/*
 * After a stop, before it is reported. 0: report it. 1: nothing for user space,
 * run on; the answer is in vcpu->completion. Else an error of KVM_RUN.
 */
int guest_service_stop(struct rm_vcpu *vcpu);

/*
 * Before the RUN that follows a reported INS: its data goes to guest memory.
 * 0 or an error; vcpu->completion says how it went.
 */
int guest_service_input(struct rm_vcpu *vcpu);
