// SPDX-License-Identifier: GPL-2.0-only
// The four functions that the compiler may call on its own (GCC manual, "Language Standards
// Supported by GCC"): copies of structs, zeroed arrays. Linux's are patched at boot and traced, so
// root can't use them; these are local to the visor. Nobody includes a header for them.
//
// String instructions rather than loops: the compiler would turn a loop back into the call.

using Size = unsigned long;

extern "C" {

void* memcpy(void* to, const void* from, Size count) noexcept;
void* memmove(void* to, const void* from, Size count) noexcept;
void* memset(void* to, int value, Size count) noexcept;
int memcmp(const void* first, const void* second, Size count) noexcept;

void* memcpy(void* to, const void* from, Size count) noexcept {
    void* const result = to;
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count)::"memory");
    return result;
}

void* memmove(void* to, const void* from, Size count) noexcept {
    auto* const target = static_cast<unsigned char*>(to);
    auto* const source = static_cast<const unsigned char*>(from);
    if (target <= source || target >= source + count) return memcpy(to, from, count);
    // Not STD; REP MOVSB: an NMI in between would find DF set. The barrier keeps this a loop.
    while (count-- != 0) {
        target[count] = source[count];
        asm volatile("" ::: "memory");
    }
    return to;
}

void* memset(void* to, int value, Size count) noexcept {
    void* const result = to;
    asm volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
    return result;
}

int memcmp(const void* first, const void* second, Size count) noexcept {
    auto* a = static_cast<const unsigned char*>(first);
    auto* b = static_cast<const unsigned char*>(second);
    for (; count != 0; --count, ++a, ++b)
        if (*a != *b) return *a < *b ? -1 : 1;
    return 0;
}

}  // extern "C"
