// SPDX-License-Identifier: GPL-2.0-only
//
// Runs a guest until it ends, and serves its port accesses and its control socket on the way.
#pragma once

#include <memory>
#include <vector>

#include "control_server.hpp"
#include "machine.hpp"
#include "ports.hpp"
#include "run_board.hpp"
#include "run_result.hpp"
#include "stop_request.hpp"
#include "vcpu_thread.hpp"

namespace rmguest {

struct RunPolicy {
    bool has_apic = false;       // Machine::create_apics() was called
    bool waits_in_halt = false;  // a guest that halts goes on when an event is injected
};

// One run. The vCPUs exist and are set to their first instructions.
class GuestRun : public GuestControl {
public:
    // `stop` ends the run; it must outlive this.
    GuestRun(const Machine& machine, Ports& ports, PhysicalSpace& space, const StopRequest& stop,
             RunPolicy policy, OutputSink sink);

    // Blocks until the guest has ended. `server` may be null.
    [[nodiscard]] RunResult run(ControlServer* server);

    [[nodiscard]] Outcome inject(std::uint32_t vcpu, const Injection& injection) override;
    void stop() override;
    [[nodiscard]] bool has_ended() const { return board_.has_ended(); }
    [[nodiscard]] std::vector<VcpuReport> vcpus() const override;

private:
    void serve_until_end(ControlServer* server);
    void end_by_signal();

    const StopRequest& stop_;
    RunBoard board_;
    KickSignal kick_signal_;
    std::vector<std::unique_ptr<VcpuThread>> threads_;
};

}  // namespace rmguest
