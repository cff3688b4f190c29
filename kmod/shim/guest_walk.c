// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk of the guest's page tables. Accessed and dirty bits are set as the
 * CPU would; other vCPUs may be running, so by atomic operations.
 */
#include <linux/atomic.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <asm/msr-index.h>
#include <asm/pgtable_types.h>
#include <asm/processor-flags.h>
#include <asm/processor.h>
#include <asm/trap_pf.h>

#include "guest_walk.h"
#include "memslot.h"
#include "vm.h"

/* One form of paging: bits of the linear address at each level, from the top. */
struct paging_form {
	unsigned int levels;
	unsigned int index_bits;
	unsigned int entry_bytes;
	bool large_at[5];		/* by level, the lowest is 1 */
};

static const struct paging_form legacy = { 2, 10, 4, { [2] = true } };
static const struct paging_form pae = { 3, 9, 8, { [2] = true } };
static const struct paging_form four_level = { 4, 9, 8, { [2] = true, [3] = true } };

static const struct paging_form *form_of(const struct visor_vcpu_state *s)
{
	if (s->efer & EFER_LMA)
		return &four_level;
	return s->cr4 & X86_CR4_PAE ? &pae : &legacy;
}

static bool is_user(const struct visor_vcpu_state *s)
{
	return ((s->ss.access_rights >> 5) & 3) == 3;
}

static u64 root_of(const struct visor_vcpu_state *s)
{
	if (s->efer & EFER_LMA)
		return s->cr3 & GENMASK_ULL(51, 12);
	return s->cr4 & X86_CR4_PAE ? s->cr3 & 0xffffffe0 : s->cr3 & 0xfffff000;
}

/* PDPTEs of PAE paging have no rights, no accessed bit and no large pages. */
static bool is_pdpte(const struct paging_form *form, unsigned int level)
{
	return form == &pae && level == 3;
}

static u64 reserved_bits(const struct visor_vcpu_state *s, const struct paging_form *form)
{
	u64 reserved;

	if (form == &legacy)
		return 0;
	reserved = GENMASK_ULL(51, boot_cpu_data.x86_phys_bits);
	if (!(s->efer & EFER_NX))
		reserved |= _PAGE_NX;
	return reserved;
}

static enum guest_walk_result fault(struct guest_walk *walk, u64 linear, u32 error)
{
	walk->fault_address = linear;
	walk->fault_error = error | (walk->write ? X86_PF_WRITE : 0) |
			    (is_user(walk->state) ? X86_PF_USER : 0);
	return GUEST_WALK_FAULT;
}

/* The rights of all levels together. */
static bool may_access(const struct guest_walk *walk, u64 rights)
{
	const struct visor_vcpu_state *s = walk->state;

	if (is_user(s) && !(rights & _PAGE_USER))
		return false;
	if (!walk->write || (rights & _PAGE_RW))
		return true;
	return !is_user(s) && !(s->cr0 & X86_CR0_WP);
}

static bool is_large(const struct guest_walk *walk, const struct paging_form *form,
		     unsigned int level, u64 entry)
{
	if (!form->large_at[level] || !(entry & _PAGE_PSE))
		return false;
	return form != &legacy || (walk->state->cr4 & X86_CR4_PSE);
}

static u64 frame_of(const struct paging_form *form, u64 entry, u64 linear, unsigned int shift)
{
	u64 frame = entry & GENMASK_ULL(51, 12);

	if (shift == PAGE_SHIFT)
		return frame;
	/* PSE-36: physical address bits 39:32 in bits 20:13. */
	if (form == &legacy)
		frame = (entry & GENMASK_ULL(31, 22)) | (entry & GENMASK_ULL(20, 13)) << 19;
	frame &= ~(BIT_ULL(shift) - 1);
	return frame | (linear & (BIT_ULL(shift) - 1) & PAGE_MASK);
}

static void set_entry_bits(struct rm_vm *vm, u64 address, u64 entry, u64 bits)
{
	void *page;

	if ((entry & bits) == bits)
		return;
	page = rm_memslot_map(vm, address, true);
	if (!page)
		return;
	atomic_or((int)bits, page + offset_in_page(address));
	kunmap_local(page);
}

static bool read_entry(struct rm_vm *vm, u64 address, unsigned int bytes, u64 *entry)
{
	void *page = rm_memslot_map(vm, address, false);

	if (!page)
		return false;
	*entry = bytes == 4 ? READ_ONCE(*(u32 *)(page + offset_in_page(address))) :
			      READ_ONCE(*(u64 *)(page + offset_in_page(address)));
	kunmap_local(page);
	return true;
}

static enum guest_walk_result walk_tables(struct guest_walk *walk, u64 linear, u64 *physical)
{
	const struct paging_form *form = form_of(walk->state);
	u64 reserved = reserved_bits(walk->state, form);
	u64 table = root_of(walk->state), rights = _PAGE_RW | _PAGE_USER;
	unsigned int level, shift;
	u64 entry, address, used;
	bool last;

	for (level = form->levels;; level--) {
		shift = PAGE_SHIFT + (level - 1) * form->index_bits;
		address = table + ((linear >> shift) & (BIT(form->index_bits) - 1)) * form->entry_bytes;
		if (!read_entry(walk->vm, address, form->entry_bytes, &entry))
			return GUEST_WALK_NO_MEMORY;
		if (!(entry & _PAGE_PRESENT))
			return fault(walk, linear, 0);
		if ((entry & reserved) && !is_pdpte(form, level))
			return fault(walk, linear, X86_PF_PROT | X86_PF_RSVD);
		last = level == 1 || is_large(walk, form, level, entry);
		if (!is_pdpte(form, level)) {
			rights &= entry;
			if (last && !may_access(walk, rights))
				return fault(walk, linear, X86_PF_PROT);
			used = _PAGE_ACCESSED | (last && walk->write ? _PAGE_DIRTY : 0);
			set_entry_bits(walk->vm, address, entry, used);
		}
		if (last)
			break;
		table = entry & GENMASK_ULL(51, 12);
	}
	*physical = frame_of(form, entry, linear, shift);
	return GUEST_WALK_OK;
}

static enum guest_walk_result translate(struct guest_walk *walk, u64 linear)
{
	enum guest_walk_result r = GUEST_WALK_OK;
	u64 page = linear & PAGE_MASK;

	if (walk->valid && walk->page_linear == page)
		return GUEST_WALK_OK;
	walk->page_linear = page;
	walk->page_physical = page;
	if (walk->state->cr0 & X86_CR0_PG)
		r = walk_tables(walk, linear, &walk->page_physical);
	walk->valid = r == GUEST_WALK_OK;
	return r;
}

static bool move_in_page(struct guest_walk *walk, u64 linear, void *data, u32 bytes)
{
	void *page = rm_memslot_map(walk->vm, walk->page_physical, walk->write);

	if (!page)
		return false;
	if (data && walk->write)
		memcpy(page + offset_in_page(linear), data, bytes);
	else if (data)
		memcpy(data, page + offset_in_page(linear), bytes);
	kunmap_local(page);
	return true;
}

enum guest_walk_result guest_walk_move(struct guest_walk *walk, u64 linear, void *data, u32 bytes)
{
	u32 done = 0, part;
	enum guest_walk_result r;

	while (done < bytes) {
		part = min_t(u32, bytes - done, PAGE_SIZE - offset_in_page(linear + done));
		r = translate(walk, linear + done);
		if (r != GUEST_WALK_OK)
			return r;
		if (!move_in_page(walk, linear + done, data ? data + done : NULL, part))
			return GUEST_WALK_NO_MEMORY;
		done += part;
	}
	return GUEST_WALK_OK;
}
