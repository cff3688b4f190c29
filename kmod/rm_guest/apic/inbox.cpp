// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/inbox.hpp"

namespace rmv::apic {

namespace {

// Low half of the first word.
enum class Bit : u32 { init = 1u << 0, startup = 1u << 1, nmi = 1u << 2 };
constexpr unsigned startup_vector_shift = 8;

constexpr u32 startup(u8 vector) noexcept {
    return static_cast<u32>(mask(Bit::startup)) | (u32{vector} << startup_vector_shift);
}

// `change` makes the new low half out of the old one.
template <typename Change>
bool post(u64& word, u32 tag, const Change& change) noexcept {
    u64 old = load_acquire(word);
    do {
        if (high32(old) != tag || tag == Inbox::closed) return false;
    } while (!compare_exchange(word, old, join(tag, change(low32(old)))));
    return true;
}

// Only the vCPU's own CPU changes the tag, and this runs there.
u32 take(u64& word) noexcept {
    const u64 old = load_relaxed(word);
    if (low32(old) == 0) return 0;
    return low32(exchange(word, join(high32(old), 0)));
}

}  // namespace

void Inbox::open(u32 tag) noexcept {
    static_cast<void>(exchange(arrived_, join(tag, 0)));
    for (u64& word : vectors_) static_cast<void>(exchange(word, join(tag, 0)));
}

bool Inbox::post_vector(u32 tag, u8 vector) noexcept {
    const u32 one = 1u << (vector % 32);
    return post(vectors_[vector / 32], tag, [one](u32 old) noexcept { return old | one; });
}

bool Inbox::post_init(u32 tag) noexcept {
    return post(arrived_, tag, [](u32) noexcept { return static_cast<u32>(mask(Bit::init)); });
}

bool Inbox::post_startup(u32 tag, u8 vector) noexcept {
    return post(arrived_, tag, [vector](u32 old) noexcept {
        return has(old, Bit::startup) ? old : old | startup(vector);
    });
}

bool Inbox::post_nmi(u32 tag) noexcept {
    return post(arrived_, tag,
                [](u32 old) noexcept { return old | static_cast<u32>(mask(Bit::nmi)); });
}

Arrived Inbox::take_arrived() noexcept {
    const u32 word = take(arrived_);
    return {.init = has(word, Bit::init),
            .startup = has(word, Bit::startup),
            .nmi = has(word, Bit::nmi),
            .startup_vector = static_cast<u8>(word >> startup_vector_shift)};
}

u32 Inbox::take_vectors(u32 word) noexcept { return take(vectors_[word]); }

bool Inbox::is_empty() const noexcept {
    u32 any = low32(load_acquire(arrived_));
    for (const u64& word : vectors_) any |= low32(load_acquire(word));
    return any == 0;
}

}  // namespace rmv::apic
