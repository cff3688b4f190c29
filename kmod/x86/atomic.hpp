// SPDX-License-Identifier: GPL-2.0-only
// Words shared with Linux or with the NMI handler: read and written whole, in an order that is
// named. <atomic> is not used: in GCC 12 it pulls in a hosted library.
#pragma once

#include "x86/types.hpp"

namespace rmv {

template <typename T>
[[nodiscard]] inline T load_acquire(const T& word) noexcept {
    return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
}

template <typename T>
[[nodiscard]] inline T load_relaxed(const T& word) noexcept {
    return __atomic_load_n(&word, __ATOMIC_RELAXED);
}

template <typename T>
inline void store_release(T& word, T value) noexcept {
    __atomic_store_n(&word, value, __ATOMIC_RELEASE);
}

template <typename T>
inline void store_relaxed(T& word, T value) noexcept {
    __atomic_store_n(&word, value, __ATOMIC_RELAXED);
}

template <typename T>
[[nodiscard]] inline T exchange(T& word, T value) noexcept {
    return __atomic_exchange_n(&word, value, __ATOMIC_ACQ_REL);
}

// False: `expected` has the value that was found instead.
template <typename T>
[[nodiscard]] inline bool compare_exchange(T& word, T& expected, T desired) noexcept {
    return __atomic_compare_exchange_n(&word, &expected, desired, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

template <typename T>
inline void add(T& word, T amount) noexcept {
    static_cast<void>(__atomic_fetch_add(&word, amount, __ATOMIC_ACQ_REL));
}

template <typename T>
inline void set_bits(T& word, T bits) noexcept {
    static_cast<void>(__atomic_fetch_or(&word, bits, __ATOMIC_ACQ_REL));
}

// Between a store and a load of another word that both sides of an agreement make in this order.
inline void full_barrier() noexcept { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// One writer, so no locked instruction is needed; readers see old or new. Compilers make three
// instructions of a relaxed load and store.
inline void increase(u64& word, u64 amount) noexcept {
    asm volatile("addq %1, %0" : "+m"(word) : "er"(amount) : "cc");
}
inline void count(u64& word) noexcept { increase(word, 1); }
inline void count(u32& word) noexcept { asm volatile("addl $1, %0" : "+m"(word) : : "cc"); }

}  // namespace rmv
