// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/page.hpp"

namespace rmv::apic {

std::optional<u8> ApicPage::highest(ApicRegister set) const noexcept {
    for (u32 word = words_per_set; word-- > 0;) {
        const u32 vectors = load_relaxed(words_[index(set) + word * word_stride]);
        if (vectors != 0)
            return static_cast<u8>(word * vectors_per_word + 31 -
                                   static_cast<u32>(__builtin_clz(vectors)));
    }
    return std::nullopt;
}

void ApicPage::clear(ApicRegister set) noexcept {
    for (u32 word = 0; word < words_per_set; ++word)
        store_relaxed(words_[index(set) + word * word_stride], u32{0});
}

}  // namespace rmv::apic
