// SPDX-License-Identifier: GPL-2.0-only
// What other CPUs have for a vCPU: words that any CPU of the same guest may post into and that the
// vCPU's own CPU empties. No locks: a CPU that stands still holds up nobody.
//
// Upper half of each word: the tag of the guest whose inbox it is, so that a post that comes late,
// when the CPU already serves another guest, finds another tag and is dropped.
#pragma once

#include "x86/atomic.hpp"

namespace rmv::apic {

// INIT, start-up IPI and NMI as they were posted. An INIT comes before the other two.
struct Arrived {
    bool init;
    bool startup;
    bool nmi;
    u8 startup_vector;

    friend constexpr bool operator==(const Arrived&, const Arrived&) = default;
};

class Inbox {
public:
    static constexpr u32 closed = 0;  // tag

    // On the vCPU's own CPU. Empties it; tag `closed` refuses every post.
    void open(u32 tag) noexcept;
    void close() noexcept { open(closed); }

    // From any CPU. False: the inbox is another guest's, nothing was posted.
    [[nodiscard]] bool post_vector(u32 tag, u8 vector) noexcept;
    // Overtakes what is there: an INIT wipes out an NMI and a start-up IPI before it.
    [[nodiscard]] bool post_init(u32 tag) noexcept;
    // The first one counts until it has been taken.
    [[nodiscard]] bool post_startup(u32 tag, u8 vector) noexcept;
    [[nodiscard]] bool post_nmi(u32 tag) noexcept;

    // On the vCPU's own CPU.
    [[nodiscard]] Arrived take_arrived() noexcept;
    // Bit n of word w: vector 32 * w + n.
    static constexpr u32 vector_words = 8;
    [[nodiscard]] u32 take_vectors(u32 word) noexcept;
    [[nodiscard]] bool is_empty() const noexcept;

    // Whose it is; from any CPU.
    [[nodiscard]] u32 tag() const noexcept { return high32(load_relaxed(arrived_)); }

private:
    u64 arrived_;
    u64 vectors_[vector_words];
};

}  // namespace rmv::apic
