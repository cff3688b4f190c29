// SPDX-License-Identifier: GPL-2.0-only
//
// The last exits of a guest to rmguest, for its debugger.
#pragma once

#include <linux/kvm.h>

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rmguest {

struct PortAccess {
    std::uint16_t port;
    std::uint8_t size;  // bytes of one access
    bool is_out;
    std::uint32_t count;  // more than 1 for INS and OUTS
    std::uint32_t value;  // of the first
};

struct GuestExit {
    std::uint64_t number = 0;  // from 1, of the whole run
    std::uint32_t vcpu = 0;
    std::uint32_t reason = 0;  // KVM_EXIT_...
    std::optional<PortAccess> port = {};
};

[[nodiscard]] std::string describe(const PortAccess& access);
// One line without an end.
[[nodiscard]] std::string describe(const GuestExit& exit);

// The access that a run page with KVM_EXIT_IO is about, after it was served.
[[nodiscard]] PortAccess port_access(const kvm_run& page);

// Callable from any thread.
class ExitLog {
public:
    // The exit with its number.
    GuestExit add(GuestExit exit);
    // Up to `count` of the last, oldest first.
    [[nodiscard]] std::vector<GuestExit> last(std::size_t count, bool ports_only) const;
    [[nodiscard]] std::uint64_t total() const;

private:
    static constexpr std::size_t capacity = 1024;
    mutable std::mutex mutex_;
    std::deque<GuestExit> exits_;
    std::uint64_t total_ = 0;
};

}  // namespace rmguest
