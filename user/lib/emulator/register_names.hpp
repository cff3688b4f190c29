// SPDX-License-Identifier: GPL-2.0-only
//
// Zydis's registers as numbers of general and segment registers.
#pragma once

#include <Zydis/Zydis.h>

#include <optional>

#include "segmentation.hpp"

namespace rmguest {

struct GeneralRegister {
    unsigned number;    // as instructions encode it; of the whole register for AH to BH
    unsigned size;      // in bytes
    bool is_high_byte;  // AH, CH, DH, BH
};

// Nothing for what is no general register.
[[nodiscard]] std::optional<GeneralRegister> as_general(ZydisRegister name);
[[nodiscard]] std::optional<Segment> as_segment(ZydisRegister name);

}  // namespace rmguest
