/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one instruction that reads an APIC register: MOV of 32 bits from memory to
 * a register. What is not that, or has a prefix that would make it something
 * else, is not for here: user space has a decoder for all of them.
 */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct insn_load {
	u8 length;	/* bytes */
	u8 reg;		/* as instructions number them: 0 is EAX, 8 is R8D */
};

/*
 * @bytes: @count bytes at the instruction pointer, of @code_bits (16, 32, 64)
 * code. False: another instruction, or not all of its bytes are there.
 */
bool insn_load_decode(const u8 *bytes, u32 count, u32 code_bits, struct insn_load *load);

#ifdef __cplusplus
}
#endif
