// SPDX-License-Identifier: GPL-2.0-only
// The borders of the visor's own image in the module, page aligned (scripts/visor.lds).
#pragma once

#include "x86/types.hpp"

extern "C" {
extern const rmv::u8 visor_text_start[], visor_text_end[];
extern const rmv::u8 visor_rodata_start[], visor_rodata_end[];
extern const rmv::u8 visor_data_start[], visor_data_end[];
}
