/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/types.h>

struct rm_vcpu;

#define GUEST_INSN_BYTES 15

/*
 * The bytes at a stopped vCPU's instruction pointer, as many as the segment and
 * its memory have; what is left of @bytes is NOPs, as KVM has it. Returns how
 * many, 0 if none can be read.
 */
u32 guest_insn_fetch(struct rm_vcpu *vcpu, u8 bytes[GUEST_INSN_BYTES]);

/* After it has found some: 16, 32 or 64, the size of addresses and operands without prefixes. */
u32 guest_insn_code_bits(const struct rm_vcpu *vcpu);
