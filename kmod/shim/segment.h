/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segments and descriptor tables, between KVM's structs and the VMCS's form
 * (SDM: Guest Register State, format of access rights).
 */
#pragma once

#include <linux/kvm.h>

#include "../abi.h"

void segment_to_kvm(struct kvm_segment *to, const struct rmv_segment *from);
void segment_from_kvm(struct rmv_segment *to, const struct kvm_segment *from);
void table_to_kvm(struct kvm_dtable *to, const struct rmv_table *from);
void table_from_kvm(struct rmv_table *to, const struct kvm_dtable *from);
