// SPDX-License-Identifier: GPL-2.0-only
// Errors as values. A Status must be looked at; Result<T> is a value or a Status.
#pragma once

#include "x86/types.hpp"

namespace rmv {

// Why something failed: an enum visor_status and what it was about (see abi.h for each).
struct [[nodiscard]] Status {
    visor_status code = VISOR_OK;
    u64 detail = 0;

    [[nodiscard]] constexpr bool ok() const noexcept { return code == VISOR_OK; }
};

inline constexpr Status success{};

template <typename T>
class [[nodiscard]] Result {
public:
    constexpr Result(T value) noexcept : value_{value} {}
    constexpr Result(Status status) noexcept : status_{status} {}

    [[nodiscard]] constexpr bool ok() const noexcept { return status_.ok(); }
    [[nodiscard]] constexpr Status status() const noexcept { return status_; }
    // Only after ok().
    [[nodiscard]] constexpr T value() const noexcept { return value_; }

private:
    T value_{};
    Status status_{};
};

}  // namespace rmv

// Returns from the enclosing function with the Status of `expression` unless it is ok.
#define RMV_TRY(expression)                                                                        \
    do {                                                                                           \
        if (const ::rmv::Status rmv_status_ = (expression); !rmv_status_.ok()) return rmv_status_; \
    } while (false)
