// SPDX-License-Identifier: GPL-2.0-only
// What is measured with a guest of guest.asm, on /dev/rmvisor and on /dev/kvm alike.
#pragma once

#include <memory>
#include <string>

namespace bench {

// A guest that executes CPUID again and again, or that makes no exits at all, in a thread on `cpu`,
// until this goes out of scope.
class SpinningGuest {
public:
    enum class Does : bool { cpuid, nothing };
    SpinningGuest(const std::string& device, const std::string& image, unsigned cpu, Does what);
    SpinningGuest(const SpinningGuest&) = delete;
    SpinningGuest& operator=(const SpinningGuest&) = delete;
    ~SpinningGuest();
    // KVM_RUN returns, and is called again.
    void kick() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

// `names` of measurements, all if empty. Throws owner::CallFailed, std::runtime_error.
void measure_guest(const std::string& device, const std::string& image, const std::string& who,
                   const std::string& names);

}  // namespace bench
