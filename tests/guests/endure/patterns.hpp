// SPDX-License-Identifier: GPL-2.0-only
// Threads of Linux that hold patterns in what a CPU has of a program's state, and look whether they
// stay: XMM or YMM registers, x87, MXCSR, the GS base, protection keys, and a data breakpoint.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace endure {

struct Findings {
    std::atomic<unsigned long> looks = 0;
    std::atomic<unsigned long> registers_changed = 0;
    std::atomic<unsigned long> breakpoints_missed = 0;
    std::atomic<unsigned long> keys_changed = 0;
    std::atomic<bool> has_keys = false;
    std::atomic<bool> has_breakpoints = true;
};

class PatternThreads {
public:
    explicit PatternThreads(unsigned count);
    ~PatternThreads() { stop(); }
    PatternThreads(const PatternThreads&) = delete;
    PatternThreads& operator=(const PatternThreads&) = delete;

    void stop();
    [[nodiscard]] const Findings& findings() const { return findings_; }

private:
    Findings findings_;
    std::atomic<bool> stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace endure
