// SPDX-License-Identifier: GPL-2.0-only
#include "exit_log.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

namespace rmguest {
namespace {

std::string reason_name(std::uint32_t reason) {
    switch (reason) {
        case KVM_EXIT_IO: return "IO";
        case KVM_EXIT_MMIO: return "MMIO";
        case KVM_EXIT_HLT: return "HLT";
        case KVM_EXIT_DEBUG: return "DEBUG";
        case KVM_EXIT_SHUTDOWN: return "SHUTDOWN";
        case KVM_EXIT_INTERNAL_ERROR: return "INTERNAL_ERROR";
        case KVM_EXIT_FAIL_ENTRY: return "FAIL_ENTRY";
        case KVM_EXIT_INTR: return "INTR";
        case KVM_EXIT_IRQ_WINDOW_OPEN: return "IRQ_WINDOW_OPEN";
        default: return fmt::format("reason {}", reason);
    }
}

}  // namespace

std::string describe(const PortAccess& access) {
    std::string text =
        fmt::format("{} port {:x}h, {} byte{}: {:0{}x}", access.is_out ? "out" : "in", access.port,
                    access.size, access.size == 1 ? "" : "s", access.value, access.size * 2);
    if (access.count != 1) {
        text += fmt::format(" and {} more", access.count - 1);
    }
    return text;
}

std::string describe(const GuestExit& exit) {
    return fmt::format("{} vcpu{} {}", exit.number, exit.vcpu,
                       exit.port ? describe(*exit.port) : reason_name(exit.reason));
}

PortAccess port_access(const kvm_run& page) {
    PortAccess access{page.io.port, page.io.size, page.io.direction == KVM_EXIT_IO_OUT,
                      page.io.count, 0};
    const auto* data = reinterpret_cast<const std::uint8_t*>(&page) + page.io.data_offset;
    std::memcpy(&access.value, data, std::min<std::size_t>(access.size, sizeof(access.value)));
    return access;
}

GuestExit ExitLog::add(GuestExit exit) {
    const std::lock_guard lock(mutex_);
    exit.number = ++total_;
    exits_.push_back(exit);
    if (exits_.size() > capacity) {
        exits_.pop_front();
    }
    return exit;
}

std::vector<GuestExit> ExitLog::last(std::size_t count, bool ports_only) const {
    const std::lock_guard lock(mutex_);
    std::vector<GuestExit> found;
    for (auto exit = exits_.rbegin(); exit != exits_.rend() && found.size() < count; ++exit) {
        if (!ports_only || exit->port) {
            found.push_back(*exit);
        }
    }
    std::ranges::reverse(found);
    return found;
}

std::uint64_t ExitLog::total() const {
    const std::lock_guard lock(mutex_);
    return total_;
}

}  // namespace rmguest
