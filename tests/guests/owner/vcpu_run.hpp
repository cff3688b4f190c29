// SPDX-License-Identifier: GPL-2.0-only
// One vCPU's run, exit by exit.
#pragma once

#include <string>

#include "orders.hpp"
#include "run.hpp"

namespace owner {

class VcpuRun {
public:
    VcpuRun(const Vcpu& vcpu, std::uint8_t* memory, Outcome& outcome)
        : vcpu_(vcpu), memory_(memory), outcome_(outcome), orders_(vcpu, memory) {}

    // Until outcome.end says how it ended.
    void to_the_end();

private:
    void handle_exit();
    void handle_io();
    void write_port(std::uint16_t port, std::uint32_t value);
    [[nodiscard]] std::uint32_t read_port(std::uint16_t port);
    void handle_outside_access();
    [[nodiscard]] bool skip_outside_read();
    void handle_debug();
    void skip_breakpoint();
    void end_by_exit();

    const Vcpu& vcpu_;
    std::uint8_t* memory_;
    Outcome& outcome_;
    Orders orders_;
    std::uint32_t next_input_ = 0;
};

}  // namespace owner
