// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bits.h>
#include <linux/types.h>

#include "segment.h"

/* Access rights in the VMCS. */
enum {
	AR_TYPE = 0xf,
	AR_S_SHIFT = 4,
	AR_DPL_SHIFT = 5,
	AR_DPL = 3,
	AR_PRESENT_SHIFT = 7,
	AR_AVL_SHIFT = 12,
	AR_L_SHIFT = 13,
	AR_DB_SHIFT = 14,
	AR_G_SHIFT = 15,
	AR_UNUSABLE_SHIFT = 16,
};

static u8 bit_at(u32 rights, unsigned int shift)
{
	return (rights >> shift) & 1;
}

void segment_to_kvm(struct kvm_segment *to, const struct rmv_segment *from)
{
	u32 rights = from->access_rights;

	*to = (struct kvm_segment){
		.base = from->base,
		.limit = from->limit,
		.selector = from->selector,
		.type = rights & AR_TYPE,
		.s = bit_at(rights, AR_S_SHIFT),
		.dpl = (rights >> AR_DPL_SHIFT) & AR_DPL,
		.avl = bit_at(rights, AR_AVL_SHIFT),
		.l = bit_at(rights, AR_L_SHIFT),
		.db = bit_at(rights, AR_DB_SHIFT),
		.g = bit_at(rights, AR_G_SHIFT),
		.unusable = bit_at(rights, AR_UNUSABLE_SHIFT),
		/* As KVM: usable means present, even for real mode's left-over descriptors. */
		.present = !bit_at(rights, AR_UNUSABLE_SHIFT),
	};
}

void segment_from_kvm(struct rmv_segment *to, const struct kvm_segment *from)
{
	u32 unusable = from->unusable || !from->present;

	*to = (struct rmv_segment){
		.base = from->base,
		.limit = from->limit,
		.selector = from->selector,
		.access_rights = (from->type & AR_TYPE) | (from->s & 1u) << AR_S_SHIFT |
				 (from->dpl & AR_DPL) << AR_DPL_SHIFT |
				 (from->present & 1u) << AR_PRESENT_SHIFT |
				 (from->avl & 1u) << AR_AVL_SHIFT | (from->l & 1u) << AR_L_SHIFT |
				 (from->db & 1u) << AR_DB_SHIFT | (from->g & 1u) << AR_G_SHIFT |
				 unusable << AR_UNUSABLE_SHIFT,
	};
}

void table_to_kvm(struct kvm_dtable *to, const struct rmv_table *from)
{
	*to = (struct kvm_dtable){ .base = from->base, .limit = from->limit };
}

void table_from_kvm(struct rmv_table *to, const struct kvm_dtable *from)
{
	*to = (struct rmv_table){ .base = from->base, .limit = from->limit };
}
