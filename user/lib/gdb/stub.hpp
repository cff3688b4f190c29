// SPDX-License-Identifier: GPL-2.0-only
//
// What GDB asks, and what it is answered. vCPU n is GDB's thread n+1; all stop when one does.
//
// The protocol: GDB's manual, Appendix "GDB Remote Serial Protocol".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/debug/debug_target.hpp"
#include "lib/debug/monitor.hpp"
#include "registers.hpp"

namespace rmguest {

struct GdbAnswer {
    std::vector<std::string> packets = {};  // to be framed
    enum class Then {
        go_on,
        no_acks,  // after this answer neither side acknowledges any more
        detach,   // the guest runs on, the connection ends
        kill,     // the guest ends
    };
    Then then = Then::go_on;
};

class GdbStub {
public:
    // `interrupter` tells of what comes from GDB while the guest runs.
    GdbStub(DebugTarget& target, Interrupter interrupter);

    // Nothing that comes in the packet is trusted. Blocks while the guest runs.
    [[nodiscard]] GdbAnswer handle(std::string_view packet);

private:
    struct Inserted {
        std::uint64_t type;  // of the Z packet
        Breakpoint point;
    };

    [[nodiscard]] std::string answer_query(std::string_view query);
    [[nodiscard]] std::string answer_features(std::string_view range) const;
    [[nodiscard]] std::string answer_threads() const;
    [[nodiscard]] std::string run_command(std::string_view hex);
    [[nodiscard]] GdbAnswer answer_set(std::string_view query) const;
    [[nodiscard]] GdbAnswer answer_v(std::string_view packet);

    // registers and memory: stub_state.cpp
    [[nodiscard]] Result<GdbRegisters> registers(std::uint32_t vcpu);
    [[nodiscard]] Outcome set_registers(std::uint32_t vcpu, const GdbRegisters& old,
                                        const GdbRegisters& now);
    [[nodiscard]] std::string read_registers();
    [[nodiscard]] std::string write_registers(std::string_view hex);
    [[nodiscard]] std::string read_register(std::string_view number);
    [[nodiscard]] std::string write_register(std::string_view assignment);
    [[nodiscard]] std::string read_memory(std::string_view range);
    [[nodiscard]] std::string write_memory(std::string_view what, bool is_binary);

    // stub_run.cpp
    [[nodiscard]] std::string choose_thread(std::string_view which);
    [[nodiscard]] std::string insert(std::string_view what);
    [[nodiscard]] std::string remove(std::string_view what);
    [[nodiscard]] GdbAnswer resume(std::string_view packet);
    [[nodiscard]] GdbAnswer resume_by_list(std::string_view actions);
    [[nodiscard]] GdbAnswer run(const std::vector<RunMode>& modes);
    [[nodiscard]] GdbAnswer report(const DebugStop& stop);
    [[nodiscard]] GdbAnswer report_end(std::uint32_t vcpu);
    [[nodiscard]] std::string describe_hit(const DebugStop& stop) const;
    // A thread's number of GDB; 0 and -1 stand for any, which is the one that is chosen.
    [[nodiscard]] std::optional<std::uint32_t> vcpu_of(std::string_view thread) const;

    DebugTarget& target_;
    Interrupter interrupter_;
    Monitor monitor_;
    std::uint32_t vcpu_ = 0;  // of g, m and the like
    std::vector<Inserted> inserted_;
    std::string last_stop_ = "T05thread:1;";
    bool has_failed_ = false;  // GDB was shown the guest's end
};

}  // namespace rmguest
