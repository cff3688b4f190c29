// SPDX-License-Identifier: GPL-2.0-only
//
// Runs a guest until it ends, and serves its port accesses and its control socket on the way.
#pragma once

#include <memory>
#include <vector>

#include "control_server.hpp"
#include "debug/debug_gate.hpp"
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
    // With a `gate`, which must outlive this too, the vCPUs run as a debugger lets them.
    GuestRun(const Machine& machine, Ports& ports, PhysicalSpace& space, const StopRequest& stop,
             RunPolicy policy, OutputSink sink, DebugGate* gate = nullptr);

    // Blocks until the guest has ended. `server` may be null. A `debugger` works on this thread, as
    // long as it likes; what it leaves running runs on.
    [[nodiscard]] RunResult run(ControlServer* server,
                                const std::function<void()>& debugger = nullptr);

    // For the debugger. Serves all else until one of the descriptors is readable, and gives that;
    // -1 when the guest ends meanwhile. A guest that has ended is looked at until a signal, its
    // time-out or rmguest stop says that this is over: -1 too.
    [[nodiscard]] int wait_for(const std::vector<int>& descriptors);
    // Waits until no vCPU is in KVM_RUN, and none will be: they are held, or the guest has ended.
    void settle();
    void quit();
    [[nodiscard]] RunResult result() const;

    [[nodiscard]] Outcome inject(std::uint32_t vcpu, const Injection& injection) override;
    void stop() override;
    [[nodiscard]] bool has_ended() const { return board_.has_ended(); }
    [[nodiscard]] std::vector<VcpuReport> vcpus() const override;

private:
    void serve_until_end();
    void end_by_signal();

    const StopRequest& stop_;
    RunBoard board_;
    KickSignal kick_signal_;
    ControlServer* server_ = nullptr;
    bool is_over_ = false;  // rmguest stop
    std::vector<std::unique_ptr<VcpuThread>> threads_;
};

}  // namespace rmguest
