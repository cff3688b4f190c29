// SPDX-License-Identifier: GPL-2.0-only
//
// Errors as values: what failed and why, and what the user can do about it.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace rmguest {

struct Error {
    std::string what;    // what failed and why; one line, no full stop
    std::string advice;  // what to do; may be empty
};

// Either a value or an Error. value() must not be called without a look at ok().
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<1>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<0>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 1; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T& value() & { return std::get<1>(state_); }
    [[nodiscard]] const T& value() const& { return std::get<1>(state_); }
    [[nodiscard]] T&& value() && { return std::get<1>(std::move(state_)); }
    [[nodiscard]] const Error& error() const { return std::get<0>(state_); }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::get<1>(std::move(state_)); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

private:
    std::variant<Error, T> state_;
};

struct Done {};
using Outcome = Result<Done>;

// "WHAT: text of errno", for system calls.
[[nodiscard]] Error system_error(const std::string& what, int error_number,
                                 std::string advice = {});

}  // namespace rmguest
