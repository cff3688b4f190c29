// SPDX-License-Identifier: GPL-2.0-only
//
// What `rmguest run` says at the end.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/machine.hpp"
#include "lib/ports.hpp"
#include "lib/run_result.hpp"
#include "run_meter.hpp"
#include "run_options.hpp"

namespace rmguest {

class RunReport {
public:
    explicit RunReport(const RunArguments& arguments) : arguments_(arguments) {}

    [[nodiscard]] Ports& ports() { return ports_; }
    // For --json, where the guest's output is part of the report.
    [[nodiscard]] Outcome keep_output(std::string_view text);
    // To stdout, as it comes.
    [[nodiscard]] Outcome pass_output(std::string_view text, const std::function<bool()>& gives_up);
    // Before somebody else writes to the terminal that the guest's output goes to.
    void end_line();
    // Exits by reason, read when the guest has ended.
    void set_exits(std::optional<std::vector<RunMeter::Row>> exits) { exits_ = std::move(exits); }
    void print(const RunResult& result, const Machine& machine) const;
    // After the machine is gone; complains when Linux does not have the CPUs again.
    void print_given_back(const std::vector<std::uint32_t>& cpus) const;

private:
    [[nodiscard]] bool wants_summary() const;
    void print_end(const RunResult& result, const Machine& machine) const;
    void print_oddities(const RunResult& result) const;
    void print_summary(const RunResult& result, const Machine& machine) const;
    void print_costs(const RunResult& result) const;
    [[nodiscard]] std::uint64_t visor_ticks() const;
    void print_json(const RunResult& result, const Machine& machine) const;

    const RunArguments& arguments_;
    Ports ports_;
    std::string output_;
    std::optional<std::vector<RunMeter::Row>> exits_;
    bool in_midline_ = false;  // the guest's output on stdout
};

}  // namespace rmguest
