// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDM: Instruction Format; Instruction Encodings of MOV.
 */
#include <linux/types.h>

#include "insn_load.h"

#define MOV_REG_MEM 0x8b
#define MOV_EAX_OFFSET 0xa1

struct cursor {
	const u8 *at, *end;
	bool short_of_bytes;
};

struct prefixes {
	bool operand_size;	/* 66h */
	bool address_size;	/* 67h */
	u8 rex;			/* 0: none */
};

static u8 next(struct cursor *c)
{
	if (c->at < c->end)
		return *c->at++;
	c->short_of_bytes = true;
	return 0;
}

static void skip(struct cursor *c, u32 bytes)
{
	while (bytes--)
		next(c);
}

/* The opcode behind them. LOCK and REP are no prefixes that are known here. */
static u8 take_prefixes(struct cursor *c, u32 code_bits, struct prefixes *p)
{
	*p = (struct prefixes){};
	for (;;) {
		u8 byte = next(c);

		switch (byte) {
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65:
			continue;	/* segments: the access was made, the address is known */
		case 0x66:
			p->operand_size = true;
			continue;
		case 0x67:
			p->address_size = true;
			continue;
		default:
			break;
		}
		if (code_bits != 64 || (byte & 0xf0) != 0x40)
			return byte;
		/* REX counts right before the opcode alone. */
		p->rex = byte;
		return next(c);
	}
}

static u32 address_bits(u32 code_bits, const struct prefixes *p)
{
	if (!p->address_size)
		return code_bits;
	return code_bits == 32 ? 16 : 32;
}

static void skip_16_bit_address(struct cursor *c, u8 mod, u8 rm)
{
	if (mod == 1)
		skip(c, 1);
	else if (mod == 2 || rm == 6)
		skip(c, 2);
}

static void skip_address(struct cursor *c, u8 mod, u8 rm)
{
	u8 base = rm;

	if (rm == 4)
		base = next(c) & 7;	/* SIB */
	if (mod == 1)
		skip(c, 1);
	else if (mod == 2 || base == 5)
		skip(c, 4);
}

static bool decode_reg_mem(struct cursor *c, u32 bits, const struct prefixes *p,
			   struct insn_load *load)
{
	u8 modrm = next(c), mod = modrm >> 6, rm = modrm & 7;

	if (mod == 3)
		return false;
	load->reg = ((modrm >> 3) & 7) | (p->rex & 4 ? 8 : 0);
	if (bits == 16)
		skip_16_bit_address(c, mod, rm);
	else
		skip_address(c, mod, rm);
	return true;
}

bool insn_load_decode(const u8 *bytes, u32 count, u32 code_bits, struct insn_load *load)
{
	struct cursor c = { .at = bytes, .end = bytes + count };
	struct prefixes p;
	u8 opcode = take_prefixes(&c, code_bits, &p);
	u32 bits = address_bits(code_bits, &p);

	/* 32 bits: by the prefix in 16-bit code, without it elsewhere; REX.W makes them 64. */
	if (p.operand_size != (code_bits == 16) || (p.rex & 8))
		return false;
	if (opcode == MOV_REG_MEM) {
		if (!decode_reg_mem(&c, bits, &p, load))
			return false;
	} else if (opcode == MOV_EAX_OFFSET) {
		load->reg = 0;
		skip(&c, bits / 8);
	} else {
		return false;
	}
	load->length = c.at - bytes;
	return !c.short_of_bytes;
}
