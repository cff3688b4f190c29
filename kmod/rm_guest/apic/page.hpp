// SPDX-License-Identifier: GPL-2.0-only
// The virtual-APIC page (SDM: Virtual APIC State): the registers of a guest's local APIC at their
// xAPIC offsets, where the CPU reads them by itself under APIC-register virtualization.
//
// Written by root of its own CPU and by that CPU's guest; other CPUs read single words.
#pragma once

#include <optional>

#include "x86/apic.hpp"
#include "x86/atomic.hpp"

namespace rmv::apic {

class alignas(page_size) ApicPage {
public:
    [[nodiscard]] u32 read(ApicRegister reg) const noexcept {
        return load_relaxed(words_[index(reg)]);
    }
    void write(ApicRegister reg, u32 value) noexcept { store_relaxed(words_[index(reg)], value); }

    // ISR, TMR and IRR are sets of vectors; named by their first register.
    [[nodiscard]] bool contains(ApicRegister set, u8 vector) const noexcept {
        return (load_relaxed(word_of(set, vector)) & bit_of(vector)) != 0;
    }
    void add(ApicRegister set, u8 vector) noexcept {
        store_relaxed(word_of(set, vector), load_relaxed(word_of(set, vector)) | bit_of(vector));
    }
    void remove(ApicRegister set, u8 vector) noexcept {
        store_relaxed(word_of(set, vector), load_relaxed(word_of(set, vector)) & ~bit_of(vector));
    }
    [[nodiscard]] std::optional<u8> highest(ApicRegister set) const noexcept;
    void clear(ApicRegister set) noexcept;

private:
    static constexpr u32 words_per_set = 8;
    static constexpr u32 vectors_per_word = 32;
    static constexpr u32 word_stride = apic_register_stride / sizeof(u32);

    static constexpr u32 index(ApicRegister reg) noexcept {
        return static_cast<u32>(reg) / sizeof(u32);
    }
    static constexpr u32 bit_of(u8 vector) noexcept { return 1u << (vector % vectors_per_word); }
    [[nodiscard]] const u32& word_of(ApicRegister set, u8 vector) const noexcept {
        return words_[index(set) + vector / vectors_per_word * word_stride];
    }
    [[nodiscard]] u32& word_of(ApicRegister set, u8 vector) noexcept {
        return words_[index(set) + vector / vectors_per_word * word_stride];
    }

    u32 words_[page_size / sizeof(u32)];
};
static_assert(sizeof(ApicPage) == page_size);

}  // namespace rmv::apic
