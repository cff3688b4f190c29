// SPDX-License-Identifier: GPL-2.0-only
//
// What the vCPUs of one run share: the devices, the output, and the end of the run.
#pragma once

#include <linux/kvm.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "file_descriptor.hpp"
#include "physical_space.hpp"
#include "ports.hpp"
#include "run_result.hpp"

namespace rmguest {

class RunBoard {
public:
    // With `wakes_from_halt`, something may wake a guest whose vCPUs have all halted.
    RunBoard(Ports& ports, PhysicalSpace& space, OutputSink sink, std::size_t vcpus,
             bool wakes_from_halt);

    // Serves one KVM_EXIT_IO; may end the run.
    void serve_ports(std::uint32_t vcpu, kvm_run& page);
    [[nodiscard]] PhysicalSpace& space() { return space_; }
    // A vCPU waits for an event, or does so no longer. The last one that halts ends the run.
    void set_halted(std::uint32_t vcpu, bool is_halted);

    // The first end counts.
    void end(RunEnd how, int status, std::uint32_t vcpu, std::optional<Error> error = {});
    [[nodiscard]] bool has_ended() const { return ended_.load(); }
    // Readable once the run has ended.
    [[nodiscard]] int descriptor() const { return event_.get(); }
    // After the end.
    [[nodiscard]] RunResult result() const;

private:
    void flush_output(std::uint32_t vcpu);

    Ports& ports_;
    PhysicalSpace& space_;
    const OutputSink sink_;
    const std::size_t vcpus_;
    const bool wakes_from_halt_;
    std::size_t halted_ = 0;
    RunResult result_{.end = RunEnd::unknown_exit, .status = 0};
    std::atomic<bool> ended_{false};
    FileDescriptor event_;
    mutable std::mutex result_mutex_;
    std::mutex device_mutex_;
};

}  // namespace rmguest
